#include "port/admission.hpp"

namespace phyllo::transport {
namespace {

constexpr double burst_seconds = 1;            // what may come at once of a rate for all
constexpr double proofs_an_answer = 4;         // a client repeats its proof before each retransmitted flight
constexpr double handshake_burst_seconds = 4;  // an address: many phones behind one NAT come back together

}  // namespace

admission::admission(core::environment& env, core::metrics& m, const host_limits& limits)
    : env_(env),
      metrics_(m),
      limits_(limits),
      answers_({.per_second = 1, .burst = 1}, core::random_hash_key(env), &m.evictions("stun_sources")),
      proofs_({.per_second = 1, .burst = 1}, core::random_hash_key(env), &m.evictions("reach_sources")),
      handshakes_({.per_second = 1, .burst = 1}, core::random_hash_key(env), &m.evictions("handshake_sources")),
      all_answers_(limits.stun_answers_per_second * burst_seconds, env.now()),
      all_proofs_(limits.stun_answers_per_second * burst_seconds, env.now()),
      all_handshakes_(limits.handshakes_per_second * burst_seconds, env.now()) {
  for (const auto* reason : {"stun_rate", "reach_rate", "handshake_rate"}) {
    m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  }
  set(limits);
}

void admission::set(const host_limits& limits) {
  limits_ = limits;
  const auto answers = core::source_limit::at_most_in_a_second(limits.source_stun_answers_per_second);
  answers_.limit(answers.per_second, answers.burst);
  proofs_.limit(answers.per_second * proofs_an_answer, answers.burst * proofs_an_answer);
  handshakes_.limit(limits.source_handshakes_per_second, limits.source_handshakes_per_second * handshake_burst_seconds);
}

bool admission::within(core::source_limit& of_source, core::token_bucket& of_all, double per_second, const asio::ip::address& from,
                       const char* reason) {
  const auto now = env_.now();
  if (of_source.admit(from, now) && of_all.take(per_second, per_second * burst_seconds, now)) return true;
  metrics_.drop(reason);
  return false;
}

bool admission::stun_answer(const asio::ip::address& to) {
  return within(answers_, all_answers_, limits_.stun_answers_per_second, to, "stun_rate");
}

bool admission::stun_proof(const asio::ip::address& from) {
  return within(proofs_, all_proofs_, limits_.stun_answers_per_second, from, "reach_rate");
}

bool admission::handshake(const asio::ip::address& from) {
  return within(handshakes_, all_handshakes_, limits_.handshakes_per_second, from, "handshake_rate");
}

}  // namespace phyllo::transport
