#include "host/stun_server.hpp"

#include "host/stun_stream.hpp"
#include "phyllo/stun/binding.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

void stun_server::on_datagram(datagram_port& port, const incoming_datagram& d) {
  const auto m = stun::message::decode(d.data);
  if (!m) return state_.metrics.drop("stun_malformed");
  if (m->type == stun::message_type::binding_success || m->type == stun::message_type::binding_error) return on_answer(*m, d.from);
  if (!admits(port, d.from, *m)) return;
  if (const auto answer = reach_.on_stun(*m, d.from, port.local())) static_cast<void>(port.send(d.from, *answer));
}

void stun_server::on_answer(const stun::message& m, const endpoint& from) {
  if (take_probe(m, from)) return;
  const auto waiting = expected_.find(m.transaction);
  if (waiting == expected_.end()) return state_.metrics.drop("stun_unexpected");
  const auto handler = waiting->second;  // it may forget itself
  handler(m, from);
}

void stun_server::probe(datagram_port& from, const endpoint& to, std::function<void()> answered) {
  constexpr core::duration probe_lifetime = std::chrono::seconds(2);
  stun::message request;
  state_.env.random(request.transaction);
  probes_.try_emplace(request.transaction, probed{to, state_.env.now() + probe_lifetime, std::move(answered)});
  static_cast<void>(from.send(to, request.encode()));
}

bool stun_server::take_probe(const stun::message& answer, const endpoint& from) {
  auto* asked = probes_.find(answer.transaction);
  if (asked == nullptr || asked->to != from) return false;
  const auto p = std::move(*asked);
  probes_.erase(answer.transaction);
  if (p.until > state_.env.now()) p.answered();
  return true;
}

// Who has a channel here has proved that it receives; of others only so many are answered, before any HMAC.
bool stun_server::admits(const datagram_port& port, const endpoint& from, const stun::message& m) {
  if (static_cast<const udp_socket&>(port).claimed(from)) return true;
  if (m.type == stun::message_type::binding_request) return state_.admission.stun_answer(from.address);
  return m.find(stun::attribute_type::reach) == nullptr || state_.admission.stun_proof(from.address);
}

void stun_server::on_stream(std::unique_ptr<stream> s) { streams_.spawn(serve_stun(state_, std::move(s))); }

void stun_server::cancel() {
  expected_.clear();
  probes_.clear();
  streams_.cancel();
}

}  // namespace phyllo::transport
