#include "stream_acceptor.hpp"

#include <array>

#include "http_tunnel.hpp"
#include "phyllo/transport/errc.hpp"
#include "sniff.hpp"
#include "socket_stream.hpp"
#include "tls_carrier.hpp"

namespace phyllo::transport {
namespace {

// Reads until the first bytes decide, and puts them back. timed_out, closed.
core::awaitable<core::result<stream_kind>> sniff(socket_stream& s, core::time_point deadline) {
  core::bytes seen;
  stream_kind kind = stream_kind::undecided;
  while (kind == stream_kind::undecided) {  // ends decided, at sniff_bytes_max by noise, or with an error
    std::array<std::uint8_t, sniff_bytes_max> buffer{};
    const auto n = co_await s.read(std::span(buffer).first(sniff_bytes_max - seen.size()), deadline);
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(buffer).first(*n));
    kind = classify_stream(seen);
    if (seen.size() >= sniff_bytes_max && kind == stream_kind::undecided) kind = stream_kind::noise;
  }
  s.unread(seen);
  co_return kind;
}

// A request for our Upgrade is answered, and TLS follows it. False: it is another one's request, put back as it came.
core::awaitable<core::result<bool>> take_upgrade(socket_stream& s, core::time_point deadline) {
  core::bytes seen;
  upgrade_reading reading;
  while (reading.what == upgrade_request::undecided) {  // ends decided, at tunnel_head_bytes_max at the latest, or with an error
    std::array<std::uint8_t, 2048> buffer;              // NOLINT: filled by read
    const auto n = co_await s.read(buffer, deadline);
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(buffer).first(*n));
    reading = read_upgrade_request(seen);
  }
  s.unread(core::byte_view(seen).subspan(reading.head_bytes));
  if (reading.what == upgrade_request::other) co_return false;
  const auto answer = print_upgrade_answer();
  const auto written = co_await s.write(core::as_bytes(answer), deadline);
  if (!written) co_return core::fail(written.error());
  co_return true;
}

void hand_over(host_state& state, stream_protocol protocol, std::unique_ptr<socket_stream> s) {
  if (state.observer == nullptr) return state.metrics.drop("stream_unwanted");
  state.observer->on_stream(protocol, std::move(s));
}

void make_link(host_state& state, std::unique_ptr<socket_stream> s) {
  const auto alpn = s->alpn();
  auto parts = s->release();
  s.reset();  // gives its ticket back before the link takes its place
  state.accept_link(std::make_shared<tls_carrier>(std::move(parts.socket), std::move(parts.engine), std::move(parts.unsent)), alpn);
}

core::awaitable<core::status> secure(host_state& state, socket_stream& s, std::uint16_t local_port, core::time_point deadline) {
  tls_engine::server options;
  options.overlay_by_default = local_port == state.options.ports.reload;
  auto engine = std::make_unique<tls_engine>(state.tls, options);
  auto shaken = co_await s.secure_with(std::move(engine), deadline);
  state.count_handshake(link_kind::tls, shaken);
  if (!shaken) state.log.debug("TLS from {}: {}", s.remote().text(), shaken.error().message());
  co_return shaken;
}

// True when ALPN, or the port's default, has decided and the stream is gone.
bool dispatch_by_alpn(host_state& state, std::unique_ptr<socket_stream>& s) {
  const auto alpn = s->alpn();
  if (s->engine()->overlay() && alpn != alpn_sip_overlay) {
    make_link(state, std::move(s));
    return true;
  }
  if (alpn == alpn_sip_overlay || alpn == "sip/2") {
    hand_over(state, stream_protocol::sip, std::move(s));
    return true;
  }
  if (alpn != "http/1.1") return false;
  hand_over(state, stream_protocol::http, std::move(s));
  return true;
}

void dispatch_by_kind(host_state& state, stream_kind kind, std::unique_ptr<socket_stream> s) {
  if (kind == stream_kind::sip) return hand_over(state, stream_protocol::sip, std::move(s));
  if (kind == stream_kind::http) return hand_over(state, stream_protocol::http, std::move(s));
  state.metrics.drop("stream_noise");
}

}  // namespace

core::awaitable<void> serve_connection(host_state& state, std::shared_ptr<tcp::socket> socket, std::uint16_t local_port) {
  auto ticket = state.admit_stream();
  if (!ticket) {
    state.metrics.drop("connection_over_limit");
    co_return;
  }
  const auto deadline = state.env.now() + state.options.handshake_timeout;
  auto s = std::make_unique<socket_stream>(std::move(socket), std::move(ticket));
  auto kind = co_await sniff(*s, deadline);
  if (kind && *kind == stream_kind::http) {
    const auto upgraded = co_await take_upgrade(*s, deadline);
    if (!upgraded) {
      kind = core::fail(upgraded.error());
    } else if (*upgraded) {
      kind = co_await sniff(*s, deadline);
      if (kind && *kind != stream_kind::tls) kind = stream_kind::noise;
    }
  }
  if (kind && *kind == stream_kind::tls) {
    const auto shaken = co_await secure(state, *s, local_port, deadline);
    if (!shaken || dispatch_by_alpn(state, s)) co_return;
    kind = co_await sniff(*s, deadline);
  }
  if (kind) {
    dispatch_by_kind(state, *kind, std::move(s));
  } else if (kind.error() == errc::timed_out) {
    state.metrics.drop("stream_slow");
  }
}

}  // namespace phyllo::transport
