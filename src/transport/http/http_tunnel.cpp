#include "http/http_tunnel.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "http/http_reader.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::string_view request_line = "GET /phyllo-reload HTTP/1.1\r\n";
constexpr std::string_view protocol = "phyllo-reload";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t proxy_port = 3128;

// A whole answer with its status; `to` reads it.
core::result<std::optional<std::size_t>> read_answer(core::byte_view seen, http_reader& to) {
  constexpr std::string_view beginning = "HTTP/1.";
  const auto common = std::min(seen.size(), beginning.size());
  if (core::as_text(seen.first(common)) != beginning.substr(0, common)) return core::fail(errc::malformed, "the answer is not HTTP");
  const auto end = core::as_text(seen).find(head_end);
  if (end == std::string_view::npos) {
    if (seen.size() >= tunnel_head_bytes_max) return core::fail(errc::too_large, "the answer's head");
    return std::nullopt;
  }
  const auto size = end + head_end.size();
  to.expect_no_body();
  to.feed(seen.first(size));
  if (!to.complete()) return core::fail(errc::malformed, "the answer is not HTTP");
  return size;
}

}  // namespace

core::result<http_proxy> http_proxy::parse(std::string_view text) {
  const std::string with_scheme = text.find("://") == std::string_view::npos ? "http://" + std::string(text) : std::string(text);
  http_parser_url parts;
  http_parser_url_init(&parts);
  const bool parsed = http_parser_parse_url(with_scheme.data(), with_scheme.size(), 0, &parts) == 0;
  const auto part = [&](http_parser_url_fields f) {
    if ((parts.field_set & (1U << f)) == 0) return std::string();
    return with_scheme.substr(parts.field_data[f].off, parts.field_data[f].len);
  };
  if (!parsed || part(UF_SCHEMA) != "http" || part(UF_HOST).empty())
    return core::fail(core::errc::malformed, fmt::format("'{}' names no HTTP proxy, such as http://proxy.example.com:3128", text));
  http_proxy out;
  out.host = part(UF_HOST);
  out.port = parts.port != 0 ? parts.port : proxy_port;
  out.credentials = part(UF_USERINFO);
  return out;
}

std::string print_upgrade_request(const endpoint& to) {
  auto authority = to.text();
  if (to.port == http_port) authority.resize(authority.rfind(':'));
  return fmt::format("{}host: {}\r\nconnection: upgrade\r\nupgrade: {}\r\n\r\n", request_line, authority, protocol);
}

std::string print_upgrade_answer() {
  return fmt::format("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: {}\r\n\r\n", protocol);
}

std::string print_connect_request(const std::string& authority, const http_proxy& proxy) {
  auto out = fmt::format("CONNECT {0} HTTP/1.1\r\nhost: {0}\r\n", authority);
  if (!proxy.credentials.empty())
    out += fmt::format("proxy-authorization: Basic {}\r\n", core::to_base64(core::as_bytes(proxy.credentials)));
  return out + "\r\n";
}

upgrade_reading read_upgrade_request(core::byte_view seen) {
  const auto text = core::as_text(seen);
  const auto common = std::min(text.size(), request_line.size());
  if (text.substr(0, common) != request_line.substr(0, common)) return {upgrade_request::other, 0};
  const auto end = text.find(head_end);
  if (end == std::string_view::npos) {
    return {seen.size() >= tunnel_head_bytes_max ? upgrade_request::other : upgrade_request::undecided, 0};
  }
  const auto size = end + head_end.size();
  http_reader r(HTTP_REQUEST, tunnel_head_bytes_max, 0);
  r.feed(seen.first(size));
  const bool ours = r.complete() && !r.keep_alive() && core::equal_ignoring_case(r.header("upgrade"), protocol) &&
                    core::equal_ignoring_case(r.header("connection"), "upgrade");
  if (!ours) return {upgrade_request::other, 0};
  return {upgrade_request::wanted, size};
}

core::result<std::optional<std::size_t>> read_upgrade_answer(core::byte_view seen) {
  http_reader r(HTTP_RESPONSE, tunnel_head_bytes_max, 0);
  auto size = read_answer(seen, r);
  if (!size || !*size) return size;
  const auto chosen = r.header("upgrade");
  const int status = r.take_response().status;
  if (status != 101 || !core::equal_ignoring_case(chosen, protocol))
    return core::fail(errc::refused, fmt::format("status {} for the Upgrade to {}", status, protocol));
  return size;
}

core::result<std::optional<std::size_t>> read_connect_answer(core::byte_view seen) {
  http_reader r(HTTP_RESPONSE, tunnel_head_bytes_max, 0);
  auto size = read_answer(seen, r);
  if (!size || !*size) return size;
  const int status = r.take_response().status;
  if (status < 200 || status > 299) {
    return core::fail(errc::refused,
                      fmt::format("the proxy answered {} to CONNECT{}", status, status == 407 ? ", it wants user and password" : ""));
  }
  return size;
}

}  // namespace phyllo::transport
