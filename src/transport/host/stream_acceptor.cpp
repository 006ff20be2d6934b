#include "host/stream_acceptor.hpp"

#include <algorithm>
#include <array>

#include "http/http_tunnel.hpp"
#include "phyllo/transport/errc.hpp"
#include "port/proxy_header.hpp"
#include "port/sniff.hpp"
#include "port/socket_stream.hpp"
#include "tls/client_hello.hpp"

namespace phyllo::transport {
namespace {

// Reads until the first bytes decide, and puts them back. timed_out, closed.
core::awaitable<core::result<stream_start>> sniff(host_state& state, socket_stream& s, core::time_point deadline) {
  core::bytes seen;
  auto start = stream_start::undecided;
  while (start == stream_start::undecided) {  // ends decided, at sniff_bytes_max by noise, or with an error
    std::array<std::uint8_t, sniff_bytes_max> buffer{};
    const auto n = co_await s.read(std::span(buffer).first(sniff_bytes_max - seen.size()), deadline);
    if (!n && n.error() == errc::timed_out) state.metrics.drop("stream_slow");
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(buffer).first(*n));
    start = classify_stream(seen);
    if (seen.size() >= sniff_bytes_max && start == stream_start::undecided) start = stream_start::noise;
  }
  s.unread(seen);
  co_return start;
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

// The first record, whole (RFC 8446 s.5.1: type, version and a length of 16 bits before it). Who sends less than a ClientHello
// costs no cryptography, and takes no honest one's turn.
core::awaitable<core::result<core::bytes>> await_first_record(socket_stream& s, core::time_point deadline) {
  constexpr std::size_t header = 5;
  constexpr std::size_t record_max = header + 16'384;
  core::bytes seen;
  std::size_t wanted = header;
  while (seen.size() < wanted) {            // ends with the record, or with an error
    std::array<std::uint8_t, 2048> buffer;  // NOLINT: filled by read
    const auto n = co_await s.read(std::span(buffer).first(std::min(buffer.size(), wanted - seen.size())), deadline);
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(buffer).first(*n));
    if (seen.size() >= header) wanted = header + (static_cast<std::size_t>(seen[3]) << 8 | seen[4]);
    if (wanted > record_max) co_return core::fail(errc::malformed, "a TLS record of too many bytes");
  }
  co_return std::move(seen);
}

// Links are the first shard's.
bool is_of_first(const host_state& state, core::byte_view record, bool by_default) {
  return state.shard() != 0 && asks_for_link(record, by_default);
}

core::awaitable<core::status> secure(host_state& state, socket_stream& s, std::uint16_t local_port, core::time_point deadline) {
  tls_engine::server options;
  options.overlay_by_default = local_port == state.options.ports.reload;
  const auto record = co_await await_first_record(s, deadline);
  if (record) s.unread(*record);
  if (record && is_of_first(state, *record, options.overlay_by_default)) {
    state.pass_on(0, s.move_away());
    co_return core::fail(errc::closed);
  }
  auto shaken = record ? core::status() : core::fail(record.error());
  if (shaken && !state.admission.handshake(s.remote().address)) co_return core::fail(errc::overloaded);
  if (shaken) {
    auto engine = std::make_unique<tls_engine>(state.tls, options);
    shaken = co_await s.secure_with(std::move(engine), deadline);
  }
  state.count_handshake(link_kind::tls, shaken);
  if (!shaken) state.log.debug("TLS from {}: {}", s.remote().text(), shaken.error().message());
  co_return shaken;
}

// Nullopt: ALPN says nothing that we know, so the first bytes inside decide.
std::optional<stream_kind> kind_by_alpn(const socket_stream& s) {
  const auto alpn = s.alpn();
  if (alpn == alpn_sip_overlay || alpn == "sip/2") return stream_kind::text;
  if (alpn == "http/1.1") return stream_kind::http;
  if (alpn == "stun.turn" || alpn == "stun.nat-discovery") return stream_kind::stun;  // RFC 7443
  if (s.engine()->overlay()) return stream_kind::link;
  return std::nullopt;
}

// Nullopt: noise, and TLS inside TLS.
std::optional<stream_kind> kind_by_start(stream_start start) {
  if (start == stream_start::stun) return stream_kind::stun;
  if (start == stream_start::text) return stream_kind::text;
  if (start == stream_start::http) return stream_kind::http;
  return std::nullopt;
}

// Whom a load balancer forwards is what it says; the connection's own bytes come after. malformed, timed_out, closed.
core::awaitable<core::status> read_proxy_header(socket_stream& s, core::time_point deadline) {
  core::bytes seen;
  while (true) {  // ends with a header, at its bound, or with an error
    std::array<std::uint8_t, 512> buffer{};
    const auto n = co_await s.read(buffer, deadline);
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(buffer).first(*n));
    const auto header = proxy_header::parse(seen);
    if (!header) co_return core::fail(header.error());
    if (!*header) continue;
    s.unread(core::byte_view(seen).subspan((*header)->size));
    if ((*header)->source) s.set_remote(*(*header)->source);
    co_return core::status();
  }
}

bool is_proxy(const host_state& state, const endpoint& e) {
  return std::ranges::any_of(state.options.proxies, [&](const auto& p) { return p.contains(e.address); });
}

// The stream with its place among the others; null: refused, and counted, or another shard's.
core::awaitable<std::unique_ptr<socket_stream>> admit(host_state& state, std::shared_ptr<tcp::socket> socket, core::time_point deadline) {
  auto s = std::make_unique<socket_stream>(socket);
  if (is_proxy(state, s->remote())) {
    const auto told = co_await read_proxy_header(*s, deadline);
    if (!told) state.metrics.drop("proxy_header");
    if (!told) co_return nullptr;
    const auto shard = state.spread.shard_of(s->remote().address);
    if (shard != state.shard()) {
      state.pass_on(shard, s->move_away());
      co_return nullptr;
    }
  }
  auto place = state.admit_stream(s->remote().address, std::move(socket));
  if (!place) co_return nullptr;
  s->hold(std::move(place));
  co_return s;
}

// Of which kind it is, TLS undone; nullopt: of none that we know.
core::awaitable<core::result<std::optional<stream_kind>>> find_out(host_state& state, socket_stream& s, std::uint16_t local_port,
                                                                   core::time_point deadline) {
  auto outside = co_await sniff(state, s, deadline);
  if (outside && *outside == stream_start::http) {
    const auto upgraded = co_await take_upgrade(s, deadline);
    if (!upgraded && upgraded.error() == errc::timed_out) state.metrics.drop("stream_slow");
    if (!upgraded) co_return core::fail(upgraded.error());
    if (!*upgraded) co_return stream_kind::http;
    outside = co_await sniff(state, s, deadline);
    if (outside && *outside != stream_start::tls) co_return std::nullopt;
  }
  if (!outside) co_return core::fail(outside.error());
  if (*outside != stream_start::tls) co_return kind_by_start(*outside);
  const auto shaken = co_await secure(state, s, local_port, deadline);
  if (!shaken) co_return core::fail(shaken.error());
  if (const auto told = kind_by_alpn(s)) co_return told;
  const auto inside = co_await sniff(state, s, deadline);
  if (!inside) co_return core::fail(inside.error());
  co_return kind_by_start(*inside);
}

core::awaitable<void> serve_admitted(host_state& state, std::unique_ptr<socket_stream> s, std::uint16_t local_port,
                                     std::optional<half_open::place>& waiting, core::time_point deadline) {
  const auto kind = co_await find_out(state, *s, local_port, deadline);
  waiting.reset();
  if (!kind) co_return;
  if (!*kind) co_return state.metrics.drop("stream_noise");
  state.hand_over(**kind, std::move(s));
}

}  // namespace

core::awaitable<void> serve_connection(host_state& state, std::shared_ptr<tcp::socket> socket, std::uint16_t local_port) {
  const auto deadline = state.env.now() + state.options.handshake_timeout;
  std::optional<half_open::place> waiting;
  waiting.emplace(state.half_open, socket, state.options.limits.half_open_max);
  auto s = co_await admit(state, std::move(socket), deadline);
  if (!s) co_return;
  co_await serve_admitted(state, std::move(s), local_port, waiting, deadline);
}

core::awaitable<void> serve_moved(host_state& state, moved_connection c) {
  const auto deadline = state.env.now() + state.options.handshake_timeout;
  const auto socket = std::make_shared<tcp::socket>(state.env.get_executor());
  asio::error_code ec;
  socket->assign(c.local().address.is_v6() ? tcp::v6() : tcp::v4(), c.take_descriptor(), ec);
  if (!ec) socket->non_blocking(true, ec);
  if (ec) co_return;
  std::optional<half_open::place> waiting;
  waiting.emplace(state.half_open, socket, state.options.limits.half_open_max);
  auto s = std::make_unique<socket_stream>(socket);
  s->set_remote(c.remote());
  s->unread(c.read());
  auto place = state.admit_stream(c.remote().address, socket);
  if (!place) co_return;
  s->hold(std::move(place));
  co_await serve_admitted(state, std::move(s), c.local().port, waiting, deadline);
}

}  // namespace phyllo::transport
