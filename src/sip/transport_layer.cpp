#include "transport_layer.hpp"

#include <array>

#include "shard_post.hpp"
#include "transport_layer_impl.hpp"

namespace phyllo::sip {
namespace {

constexpr std::array<std::string_view, 5> names{"UDP", "TCP", "TLS", "WS", "WSS"};

transport_options complete(transport_options o, const transport::doors& doors) {
  if (o.advertised_address.empty())
    if (const auto own = doors.addresses(); !own.empty()) o.advertised_address = own.front().to_string();
  // RFC 3261 s.25.1: an IPv6 address stands in brackets.
  asio::error_code ec;
  const auto literal = asio::ip::make_address(o.advertised_address, ec);
  if (!ec && literal.is_v6()) o.advertised_address = "[" + o.advertised_address + "]";
  return o;
}

}  // namespace

std::string_view name_of(protocol p) noexcept { return names[static_cast<std::size_t>(p)]; }

std::optional<protocol> protocol_of(std::string_view via_transport) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (equal_ignoring_case(names[i], via_transport)) return static_cast<protocol>(i);
  return std::nullopt;
}

std::unique_ptr<transport_layer> transport_layer::create(core::environment& env, transport::doors& doors, transport_options o,
                                                         core::metrics& m, core::logger log) {
  return std::make_unique<transport_layer_impl>(env, doors, std::move(o), m, log);
}

transport_layer_impl::transport_layer_impl(core::environment& env, transport::doors& doors, transport_options o, core::metrics& m,
                                           const core::logger& log)
    : options_(complete(std::move(o), doors)),
      // Tokens outlive a process, and must not name a connection of the next one.
      connections_(core::random_u64(env) >> 8U >> 1U | std::uint64_t{options_.shard} << flow_shard_bits, core::random_hash_key(env)),
      datagrams_(env, doors, options_, m),
      door_(datagrams_, upward_, m, log),
      streams_({env, doors, options_, connections_, door_, upward_, m}, log) {}

std::string transport_layer_impl::sent_by(protocol p) const {
  return options_.advertised_address + ":" + std::to_string(secure(p) ? options_.ports.sips : options_.ports.sip);
}

bool transport_layer_impl::alive(flow_id flow) const {
  const auto* c = connections_.find(flow);
  return c != nullptr && !c->ending;
}

void transport_layer_impl::close_flow(flow_id flow) {
  if (auto* c = connections_.find(flow)) c->close();
}

void transport_layer_impl::keep_flow(flow_id flow, bool kept) {
  if (auto* c = connections_.find(flow)) c->keep(kept);
}

core::status transport_layer_impl::send(const destination& to, core::byte_view bytes, std::uint64_t token) {
  if (stopped_) return core::fail(errc::closed);
  if (auto* c = connections_.find(to.flow)) return streams_.send_over(*c, bytes, token);
  if (to.flow_only && to.flow != flow_id::none) return core::fail(errc::unreachable, "the flow is gone");
  if (to.by == protocol::udp) return datagrams_.send(to.at, bytes);
  return streams_.send(to, bytes, token);
}

void transport_layer_impl::on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) {
  if (stopped_ || !datagrams_.is_message(port, d)) return;
  if (admit_ && !admit_(d.from.address)) return;
  door_.waited(d.age);
  if (!datagrams_.admits(d.from, d.data)) return;
  source s;
  s.remote = d.from;
  s.local = port.local();
  const auto done = door_.deliver(d.data, framing::datagram, s, d.age);
  if (!done.answer.empty()) static_cast<void>(datagrams_.send(d.from, core::as_bytes(done.answer)));
}

void transport_layer_impl::on_stream(std::unique_ptr<transport::stream> s) {
  if (!stopped_) streams_.on_stream(std::move(s));
}

void transport_layer_impl::on_websocket(std::unique_ptr<transport::websocket> w) {
  if (!stopped_) streams_.on_websocket(std::move(w));
}

core::awaitable<void> transport_layer_impl::stop() {
  stopped_ = true;
  upward_.observe(nullptr);
  co_await streams_.stop();
}

}  // namespace phyllo::sip
