#include "host/datagram_acceptor.hpp"

#include <algorithm>

#include "phyllo/stun/binding.hpp"
#include "port/sniff.hpp"

namespace phyllo::transport {
namespace {

// RFC 5626 s.4.4.1
bool is_keep_alive(core::byte_view data) noexcept {
  return std::ranges::all_of(data, [](std::uint8_t c) { return c == '\r' || c == '\n'; });
}

//  type (1) = 22 | version (2) | epoch (2) = 0 | sequence (6) | length (2) | handshake type (1) = 1 (RFC 6347 s.4.1)
bool is_client_hello(core::byte_view data) noexcept {
  constexpr std::size_t header = 13;
  return data.size() > header && data[0] == 22 && data[3] == 0 && data[4] == 0 && data[header] == 1;
}

}  // namespace

void datagram_acceptor::on_datagram(udp_socket& socket, const endpoint& from, core::byte_view data) {
  switch (classify_datagram(data)) {
    case datagram_kind::stun: return on_stun(socket, from, data);
    case datagram_kind::dtls: return on_dtls(socket, from, data);
    case datagram_kind::sip: return on_sip(socket, from, data);
    case datagram_kind::turn_channel: return state_.metrics.drop("turn_unserved");
    case datagram_kind::noise: return state_.metrics.drop("noise");
  }
}

void datagram_acceptor::on_stun(udp_socket& socket, const endpoint& from, core::byte_view data) {
  const auto m = stun::message::decode(data);
  if (!m) return state_.metrics.drop("stun_malformed");
  if (m->type == stun::message_type::binding_success || m->type == stun::message_type::binding_error) {
    if (take_probe(*m, from)) return;
    const auto waiting = expected_.find(m->transaction);
    if (waiting == expected_.end()) return state_.metrics.drop("stun_unexpected");
    const auto handler = waiting->second;  // it may forget itself
    return handler(*m, from);
  }
  if (stun::is_turn(*m)) return state_.metrics.drop("turn_unserved");
  if (!admits(socket, from, *m)) return;
  if (const auto answer = reach_.on_stun(*m, from, socket.local())) static_cast<void>(socket.send(from, *answer));
}

void datagram_acceptor::probe(const stun::transaction_id& id, const endpoint& to, std::function<void()> answered) {
  constexpr core::duration probe_lifetime = std::chrono::seconds(2);
  probes_.try_emplace(id, probed{to, state_.env.now() + probe_lifetime, std::move(answered)});
}

bool datagram_acceptor::take_probe(const stun::message& answer, const endpoint& from) {
  auto* asked = probes_.find(answer.transaction);
  if (asked == nullptr || asked->to != from) return false;
  const auto p = std::move(*asked);
  probes_.erase(answer.transaction);
  if (p.until > state_.env.now()) p.answered();
  return true;
}

// Who has a channel here has proved that it receives; of others only so many are answered, before any HMAC.
bool datagram_acceptor::admits(const udp_socket& socket, const endpoint& from, const stun::message& m) {
  if (socket.claimed(from)) return true;
  if (m.type == stun::message_type::binding_request) return state_.admission.stun_answer(from.address);
  return m.find(stun::attribute_type::reach) == nullptr || state_.admission.stun_proof(from.address);
}

void datagram_acceptor::on_sip(udp_socket& socket, const endpoint& from, core::byte_view data) {
  if (dialing_.contains(&socket) || state_.observer == nullptr) return state_.metrics.drop("sip_unserved");
  if (is_keep_alive(data)) return;  // it holds a NAT's binding open; nothing answers it over UDP
  if (!has_sip_start_line(data)) return state_.metrics.drop("sip_noise");
  sip_.heard(socket, from);
  state_.observer->on_sip_datagram(from, socket.local(), data);
}

void datagram_acceptor::on_dtls(udp_socket& socket, const endpoint& from, core::byte_view data) {
  const bool hello = is_client_hello(data);
  if (auto* receiver = socket.receiver_of(from)) {
    // Only a fresh proof ends a settled association, so nobody off the path can; of one that we dialled no ClientHello does.
    const bool anew = hello && !dialing_.contains(&socket) && reach_.take_proof(from, socket.local()) && receiver->supersede();
    return anew ? accept(socket, from, data) : receiver->on_datagram(data);
  }
  if (!hello) return state_.metrics.drop("dtls_unknown");
  if (dialing_.contains(&socket) || !reach_.take_proof(from, socket.local())) return state_.metrics.drop("dtls_unproven");
  if (state_.full()) return state_.metrics.drop("dtls_over_limit");
  if (!state_.admission.handshake(from.address)) return;
  accept(socket, from, data);
}

void datagram_acceptor::accept(udp_socket& socket, const endpoint& from, core::byte_view hello) {
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

void datagram_acceptor::accepted(std::uint64_t number, dtls_carrier& carrier, const core::status& how) {
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

void datagram_acceptor::stop() {
  expected_.clear();
  probes_.clear();
  handshaking_.clear();
}

}  // namespace phyllo::transport
