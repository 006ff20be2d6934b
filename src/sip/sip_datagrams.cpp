#include "sip_datagrams.hpp"

#include "phyllo/sip/datagram_start.hpp"

namespace phyllo::sip {

sip_datagrams::sip_datagrams(core::environment& env, transport::doors& doors, const transport_options& o, core::metrics& m)
    : sip_datagrams(env, doors, o, m, core::random_hash_key(env)) {}

sip_datagrams::sip_datagrams(core::environment& env, transport::doors& doors, const transport_options& o, core::metrics& m,
                             const core::hash_key& key)
    : env_(env),
      doors_(doors),
      metrics_(m),
      strangers_per_second_(o.rates.strangers_messages_per_second),
      strangers_requests_(strangers_per_second_ / 5, env.now()),
      strangers_responses_(strangers_per_second_ / 5, env.now()),
      ways_(key, m),
      budget_(std::make_shared<response_budget>(key, &m.evictions("sip_strangers"), &m.evictions("sip_proven"))) {
  for (auto* port : doors.ports()) {
    if (port->local().port == o.ports.sip) ways_.add(port);
  }
}

// What a stranger's budget does not hold is dropped: his retransmission, or a proof, brings it after all.
core::status sip_datagrams::send(const transport::endpoint& to, core::byte_view bytes) {
  const auto text = core::as_text(bytes);
  if (text.starts_with("SIP/") && !budget_->take(to.address, bytes.size(), text.starts_with("SIP/2.0 1"), env_.now())) {
    metrics_.drop("sip_unproven");
    return {};
  }
  if (!text.starts_with("SIP/") && !doors_.may_dial(to) && !budget_->proven(to.address, env_.now())) {
    metrics_.drop("sip_address");
    return core::fail(errc::unreachable, to.text() + " is no address to send requests to from here");
  }
  auto* port = ways_.towards(to);
  if (port == nullptr) return core::fail(errc::unreachable, "no SIP port is open for " + to.text());
  auto sent = port->send(to, bytes);
  if (!sent) return core::fail(errc::unreachable, sent.error().message());
  return {};
}

bool sip_datagrams::is_message(transport::datagram_port& port, const transport::incoming_datagram& d) {
  const auto start = start_of(d.data);
  if (start == datagram_start::noise) metrics_.drop("sip_noise");
  if (start != datagram_start::message) return false;
  ways_.heard(port, d.from);
  return true;
}

bool sip_datagrams::admits(const transport::endpoint& from, core::byte_view data) {
  if (budget_->proven(from.address, env_.now())) return true;
  if (!admits_stranger(data)) {
    metrics_.drop("sip_strangers_rate");
    return false;
  }
  budget_->received(from.address, data.size(), env_.now());
  return true;
}

// From forged addresses as many come as a network carries: what reading them costs is bounded, and the rest of the time is our phones'. A
// flood of one kind leaves the other alone.
bool sip_datagrams::admits_stranger(core::byte_view data) {
  auto& bucket = core::as_text(data).starts_with("SIP/") ? strangers_responses_ : strangers_requests_;
  return bucket.take(strangers_per_second_, strangers_per_second_ / 5, env_.now());
}

// Nodes answer STUN on their SIP ports: so they have proved it after one round trip, before a callee's phone has rung.
void sip_datagrams::ask_to_prove(const transport::endpoint& from) {
  if (budget_->proven(from.address, env_.now()) || !budget_->take(from.address, transport::doors::probe_bytes, false, env_.now())) return;
  auto* port = ways_.towards(from);
  if (port == nullptr) return;
  doors_.probe(*port, from, [this, there = std::weak_ptr(budget_), from] {
    if (there.expired()) return;
    budget_->proved(from.address, env_.now());
    ways_.keep(from);
  });
}

void sip_datagrams::prove(const source& from) {
  if (from.by != protocol::udp) return;
  budget_->proved(from.remote.address, env_.now());
  ways_.keep(from.remote);
}

}  // namespace phyllo::sip
