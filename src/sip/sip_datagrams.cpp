#include "sip_datagrams.hpp"

namespace phyllo::sip {

sip_datagrams::sip_datagrams(core::environment& env, transport::host& host, const transport_options& o, core::metrics& m)
    : env_(env),
      host_(host),
      metrics_(m),
      strangers_per_second_(o.rates.strangers_messages_per_second),
      strangers_requests_(strangers_per_second_ / 5, env.now()),
      strangers_responses_(strangers_per_second_ / 5, env.now()),
      budget_(std::make_shared<response_budget>(core::random_hash_key(env), &m.evictions("sip_strangers"), &m.evictions("sip_proven"))) {}

// What a stranger's budget does not hold is dropped: his retransmission, or a proof, brings it after all.
core::status sip_datagrams::send(const transport::endpoint& to, core::byte_view bytes) {
  const auto text = core::as_text(bytes);
  if (text.starts_with("SIP/") && !budget_->take(to.address, bytes.size(), text.starts_with("SIP/2.0 1"), env_.now())) {
    metrics_.drop("sip_unproven");
    return {};
  }
  if (!text.starts_with("SIP/") && !host_.may_dial(to) && !budget_->proven(to.address, env_.now())) {
    metrics_.drop("sip_address");
    return core::fail(errc::unreachable, to.text() + " is no address to send requests to from here");
  }
  auto sent = host_.send_sip_datagram(to, bytes);
  if (!sent) return core::fail(errc::unreachable, sent.error().message());
  return {};
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
  if (budget_->proven(from.address, env_.now()) || !budget_->take(from.address, transport::host::probe_bytes, false, env_.now())) return;
  host_.probe(from, [weak = std::weak_ptr(budget_), &env = env_, &host = host_, from] {
    const auto budget = weak.lock();
    if (!budget) return;
    budget->proved(from.address, env.now());
    host.keep_way(from);
  });
}

void sip_datagrams::prove(const source& from) {
  if (from.by != protocol::udp) return;
  budget_->proved(from.remote.address, env_.now());
  host_.keep_way(from.remote);
}

}  // namespace phyllo::sip
