#include "admin/admin_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::node {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

struct authority {
  std::string host;  // lower case, without brackets
  std::optional<std::uint16_t> port;
};

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// RFC 9110 s.7.2: uri-host [ ":" port ].
std::optional<authority> parse_host(const std::string& field) {
  const auto bracket = field.rfind(']');
  const auto colon = field.find(':', bracket == std::string::npos ? 0 : bracket);
  authority out;
  out.host = lower(field.substr(0, colon));
  if (colon != std::string::npos) {
    out.port = port_of(std::string_view(field).substr(colon + 1));
    if (!out.port) return std::nullopt;
  }
  if (bracket == std::string::npos) return out;
  if (out.host.front() != '[' || out.host.back() != ']') return std::nullopt;
  out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

}  // namespace

admin_gate admin_gate::of_network(std::string token, std::vector<std::string> hosts, std::string socket) {
  admin_gate out;
  out.network_ = true;
  out.token_ = std::move(token);
  out.hosts_ = std::move(hosts);
  std::ranges::transform(out.hosts_, out.hosts_.begin(), lower);
  out.socket_ = std::move(socket);
  return out;
}

bool admin_gate::is_ours(const std::string& field, const transport::endpoint& local) const {
  const auto asked = parse_host(field);
  if (!asked) return false;
  if (std::ranges::find(hosts_, asked->host) != hosts_.end()) return true;
  if (asked->port.value_or(80) != local.port) return false;
  if (asked->host == "localhost") return local.address.is_loopback();
  asio::error_code ec;
  const auto address = asio::ip::make_address(asked->host, ec);
  return !ec && address == local.address;
}

bool admin_gate::knows_token(const transport::http_request& r) const {
  constexpr std::string_view scheme = "bearer ";  // RFC 6750 s.2.1; schemes are compared without case
  const auto given = r.headers.find("authorization");
  if (token_.empty() || given == r.headers.end() || given->second.size() < scheme.size()) return false;
  if (lower(given->second.substr(0, scheme.size())) != scheme) return false;
  return identity::constant_time_equal(core::as_bytes(std::string_view(given->second).substr(scheme.size())), core::as_bytes(token_));
}

std::optional<admin_gate::refusal> admin_gate::refuse(const transport::http_request& r) const {
  if (!network_) return std::nullopt;
  if (r.headers.contains("origin")) return refusal{403, "pages of other sites may not ask here"};
  const auto host = r.headers.find("host");
  if (host == r.headers.end() || !is_ours(host->second, r.local))
    return refusal{403, fmt::format("the Host asked for is none of this node: ask for {}, or name it in admin.hosts", r.local.text())};
  if (r.method == "GET" || r.method == "HEAD" || knows_token(r)) return std::nullopt;
  return refusal{
      401, fmt::format("commands go by the Unix socket {}, or with the token of admin.token_file (Authorization: Bearer TOKEN)", socket_)};
}

}  // namespace phyllo::node
