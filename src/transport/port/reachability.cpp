#include "port/reachability.hpp"

#include <algorithm>

#include "phyllo/identity/digest.hpp"
#include "phyllo/stun/binding.hpp"

namespace phyllo::transport {

reachability::reachability(core::environment& env, core::metrics& m)
    : env_(env), metrics_(m), rotated_(env.now()), proofs_(proofs_max, core::random_hash_key(env), &m.evictions("reach_proofs")) {
  env_.random(current_);
  env_.random(previous_);
}

void reachability::rotate() {
  if (env_.now() - rotated_ < key_lifetime) return;
  previous_ = current_;
  env_.random(current_);
  rotated_ = env_.now();
}

core::bytes reachability::token(const key& k, const endpoint& of) {
  core::bytes subject = core::to_bytes(of.text());
  const auto mac = identity::hmac_sha256(k, subject);
  return {mac.begin(), mac.begin() + reach_token_size};
}

std::optional<core::bytes> reachability::on_stun(const stun::message& m, const endpoint& from, const endpoint& to) {
  if (m.type == stun::message_type::binding_indication) on_indication(m, from, to);
  if (m.type != stun::message_type::binding_request) return std::nullopt;
  rotate();
  const auto* reach = m.find(stun::attribute_type::reach);
  const bool asked = reach != nullptr && reach->size() >= reach_padding;
  std::optional<core::bytes> proof;
  if (asked) proof = token(current_, from);
  return stun::answer_binding(m, from, std::move(proof));
}

void reachability::on_indication(const stun::message& m, const endpoint& from, const endpoint& to) {
  const auto* reach = m.find(stun::attribute_type::reach);
  if (reach == nullptr) return;  // RFC 8445 s.11: a keep-alive
  rotate();
  const bool genuine =
      identity::constant_time_equal(*reach, token(current_, from)) || identity::constant_time_equal(*reach, token(previous_, from));
  if (!genuine) {
    metrics_.drop("reach_forged");
    return;
  }
  const five_tuple tuple{from, to};
  proofs_.try_emplace(tuple).first = env_.now() + proof_lifetime;
}

bool reachability::take_proof(const endpoint& from, const endpoint& to) {
  const five_tuple tuple{from, to};
  const auto* until = proofs_.find(tuple);
  const bool fresh = until != nullptr && *until > env_.now();
  proofs_.erase(tuple);
  return fresh;
}

stun::message reachability::request(core::environment& env) {
  stun::message m;
  env.random(m.transaction);
  m.add(stun::attribute_type::reach, core::bytes(reach_padding, 0));
  return m;
}

std::optional<core::bytes> reachability::indication(core::environment& env, const stun::message& answer) {
  const auto* reach = answer.find(stun::attribute_type::reach);
  if (reach == nullptr || reach->size() != reach_token_size) return std::nullopt;
  stun::message m;
  m.type = stun::message_type::binding_indication;
  env.random(m.transaction);
  m.add(stun::attribute_type::reach, *reach);
  return m.encode();
}

}  // namespace phyllo::transport
