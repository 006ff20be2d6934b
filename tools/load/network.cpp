#include "network.hpp"

#include <fmt/format.h>

#include "addresses.hpp"
#include "datagram_ways.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/core/read_file.hpp"
#include "stream_ways.hpp"

namespace phyllo::load {
namespace {

constexpr std::size_t anchors_bytes_max = 16 << 20;

std::uint16_t default_port(const options& o) {
  const bool secure = is_secure(o.network.transport);
  if (o.command == "stun") return 3478;
  if (is_websocket(o.network.transport)) return secure ? 443 : 80;
  return secure ? 5061 : 5060;
}

// As a Host header and SNI have it.
std::string bare(std::string_view name) { return name.find(':') == std::string_view::npos ? std::string(name) : fmt::format("[{}]", name); }

}  // namespace

std::string_view via_name(transport_kind k) noexcept {
  constexpr std::array<std::string_view, 5> texts = {"SIP/2.0/UDP", "SIP/2.0/TCP", "SIP/2.0/TLS", "SIP/2.0/WS", "SIP/2.0/WSS"};
  return texts[static_cast<std::size_t>(k)];
}

std::string_view contact_parameters(transport_kind k) noexcept {
  constexpr std::array<std::string_view, 5> texts = {"", ";transport=tcp", ";transport=tls", ";transport=ws", ";transport=ws"};
  return texts[static_cast<std::size_t>(k)];
}

core::result<std::unique_ptr<network>> network::open(const options& o) {
  const auto parsed = host_port::parse(o.network.target, default_port(o));
  if (!parsed) return core::fail(parsed.error());
  const auto target = resolve(*parsed);
  if (!target) return core::fail(target.error());
  std::unique_ptr<network> out(new network(o.network));
  out->streams_.target = *target;
  out->streams_.kind = o.network.transport;
  if (auto done = out->prepare_streams(parsed->host, parsed->port); !done) return core::fail(done.error());
  return out;
}

core::status network::prepare_streams(const std::string& host, const std::string& port) {
  streams_.host = is_websocket(given_.transport) ? bare(host) + ":" + port : host;
  streams_.path = given_.path;
  if (!is_secure(given_.transport)) return {};
  env_ = core::make_system_environment(io_.get_executor());
  tls_ = std::make_unique<transport::tls_context>(*env_, nullptr);
  streams_.tls = tls_.get();
  streams_.tls_options.server_name = host;
  streams_.tls_options.verify = !given_.ca_file.empty();
  if (is_websocket(given_.transport)) {
    streams_.tls_options.alpn = {"http/1.1"};
  }
  if (given_.ca_file.empty()) return {};
  const auto text = core::read_file(given_.ca_file, anchors_bytes_max);
  if (!text) return core::fail(text.error());
  if (!*text) return core::fail(core::errc::io, fmt::format("{}: there is no such file", given_.ca_file));
  streams_.tls_options.anchors_pem = {**text};
  return {};
}

core::result<std::vector<address>> network::sources(const std::vector<std::string>& texts) const {
  std::vector<address> out;
  for (const auto& text : texts) {
    const auto parsed = host_port::parse(text, 0);
    if (!parsed) return core::fail(parsed.error());
    const auto at = resolve(*parsed);
    if (!at) return core::fail(at.error());
    out.insert(out.end(), given_.sockets, *at);
  }
  if (!out.empty()) return out;
  const auto own = source_towards(streams_.target);
  if (!own) return core::fail(own.error());
  return std::vector<address>(given_.sockets, *own);
}

core::result<std::unique_ptr<ways>> network::open_ways(const std::vector<address>& from) const {
  if (is_stream(given_.transport)) {
    auto opened = stream_ways::open(streams_, from);
    if (!opened) return core::fail(opened.error());
    return std::unique_ptr<ways>(std::move(*opened));
  }
  auto opened = datagram_ways::open(streams_.target, from);
  if (!opened) return core::fail(opened.error());
  return std::unique_ptr<ways>(std::move(*opened));
}

}  // namespace phyllo::load
