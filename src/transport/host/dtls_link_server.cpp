#include "host/dtls_link_server.hpp"

#include "port/sniff.hpp"

namespace phyllo::transport {

void dtls_link_server::on_datagram(datagram_port& port, const incoming_datagram& d) {
  auto& socket = static_cast<udp_socket&>(port);
  const bool hello = is_client_hello(d.data);
  if (auto* receiver = socket.receiver_of(d.from)) {
    // Only a fresh proof ends a settled association, so nobody off the path can.
    const bool anew = hello && proofs_.take_proof(d.from, socket.local()) && receiver->supersede();
    return anew ? accept(socket, d.from, d.data) : receiver->on_datagram(d.data);
  }
  if (!hello) return state_.metrics.drop("dtls_unknown");
  if (!proofs_.take_proof(d.from, socket.local())) return state_.metrics.drop("dtls_unproven");
  if (state_.full()) return state_.metrics.drop("dtls_over_limit");
  if (!state_.admission.handshake(d.from.address)) return;
  accept(socket, d.from, d.data);
}

void dtls_link_server::accept(udp_socket& socket, const endpoint& from, core::byte_view hello) {
  if (socket.claimed(from)) return state_.metrics.drop("dtls_unknown");
  tls_engine::server options;
  options.datagrams = true;
  options.overlay_by_default = socket.local().port == state_.options.ports.reload;
  auto engine = std::make_unique<tls_engine>(state_.tls, options);
  const auto carrier = std::make_shared<dtls_carrier>(state_.env, std::move(engine), socket.make_channel(from));
  if (handshaking_.size() >= handshakes_max) {
    state_.metrics.drop("dtls_half_open_evicted");
    handshaking_.erase(handshaking_.begin());  // who is honest is through within a second or two
  }
  const auto number = ++last_handshake_;
  handshaking_.emplace(number, carrier);
  carrier->start(state_.env.now() + state_.options.handshake_timeout, {},
                 [this, number](dtls_carrier& c, const core::status& how) { accepted(number, c, how); });
  carrier->feed(hello);
}

void dtls_link_server::accepted(std::uint64_t number, dtls_carrier& carrier, const core::status& how) {
  const auto self = carrier.shared_from_this();
  handshaking_.erase(number);
  state_.count_handshake(link_kind::dtls, how);
  if (!how) return state_.log.debug("DTLS from {}: {}", carrier.remote().text(), how.error().message());
  if (!carrier.authenticated()) {  // a web client's ALPN, or none: nothing is served over DTLS to it
    state_.metrics.drop("dtls_not_overlay");
    return carrier.close();
  }
  state_.accept_link(self, carrier.alpn());
}

}  // namespace phyllo::transport
