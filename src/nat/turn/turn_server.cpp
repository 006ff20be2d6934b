#include "turn/turn_server.hpp"

#include <algorithm>

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

// The largest UDP payload, and what a Data indication puts before it.
constexpr std::size_t room_size = 65'535 + 128;

}  // namespace

turn_keys turn_keys::random(core::environment& env) {
  turn_keys out{core::random_hash_key(env), core::random_hash_key(env), core::random_hash_key(env), core::random_hash_key(env)};
  env.random(out.nonces);
  env.random(out.tickets);
  return out;
}

turn_server::turn_server(turn_settings settings, peer_policy policy, const turn_credentials& credentials, turn_actions& actions,
                         core::metrics& m, const turn_keys& keys)
    : settings_(std::move(settings)),
      policy_(std::move(policy)),
      actions_(actions),
      metrics_(m),
      authenticator_(credentials, settings_.realm, settings_.nonce_lifetime, keys.nonces),
      tickets_(keys.tickets),
      quotas_(settings_.limits, keys.tables),
      refusals_(core::source_limit::at_most_in_a_second(settings_.limits.refusals_of_source), keys.tables, &m.evictions("turn_refusals")),
      relays_(actions, settings_.relay_addresses, settings_.port_first, settings_.port_last, keys.ports),
      grants_(relays_, quotas_, keys.tokens),
      indications_(keys.indications),
      allocations_(settings_.limits, keys.tables),
      room_(room_size) {}

void turn_server::on_message(const five_tuple& from, core::byte_view octets, core::time_point now, core::wall_time wall_now) {
  const auto m = stun::message_view::parse(octets);
  if (!m) return metrics_.drop("turn_malformed");
  if (m->kind() == stun::message_class::indication && m->what() == stun::method::send) return on_send(from, *m, now);
  if (m->kind() != stun::message_class::request || !stun::is_turn(m->what())) return metrics_.drop("turn_unexpected");
  turn_request r{from, *m, now};
  if (const auto code = authenticator_.check(r, wall_now); code != 0) return refuse(r, code);
  if (!flawed(r)) on_request(r);
}

// Nobody has shown who he is: over UDP the answer may go to a victim.
void turn_server::refuse(const turn_request& r, int code) {
  if (!is_stream(r.from.transport) && !refusals_.admit(r.from.client.address, r.now)) return metrics_.drop("turn_refusal_limited");
  turn_answer a(room_, r.message, stun::message_class::error);
  a.writer().add_error(code);
  if (code != 400) authenticator_.challenge(a.writer(), r.from.client, r.now);
  actions_.to_client(r.from, a.unsealed());
}

void turn_server::answer_error(const turn_request& r, int code) {
  turn_answer a(room_, r.message, stun::message_class::error);
  a.writer().add_error(code);
  actions_.to_client(r.from, a.sealed(r));
}

// Attributes that we do not know, though we have to, and values of a wrong length: true, and it is answered.
bool turn_server::flawed(const turn_request& r) {
  std::array<std::uint16_t, 8> unknown{};
  std::size_t count = 0;
  bool wrong = false;
  for (const auto& a : r.message) {
    if (unknown_to_turn(a.type, actions_.sets_df()) && count < unknown.size()) unknown[count++] = a.type;
    const auto* known = stun::attribute_of(a.type);
    wrong = wrong || (known != nullptr && !known->takes(a.value.size()));
  }
  if (count == 0 && !wrong) return false;
  turn_answer a(room_, r.message, stun::message_class::error);
  a.writer().add_error(count != 0 ? 420 : 400);
  if (count != 0) a.writer().add_types(type::unknown_attributes, std::span(unknown).first(count));
  actions_.to_client(r.from, a.sealed(r));
  return true;
}

// The request's allocation; null: there is none or it is another user's, and that is answered.
allocation* turn_server::of(const turn_request& r) {
  auto* a = allocations_.find(r.from);
  const int code = a == nullptr ? 437 : a->user != r.user ? 441 : 0;
  if (code != 0) answer_error(r, code);
  return code == 0 ? a : nullptr;
}

void turn_server::on_request(const turn_request& r) {
  const auto what = r.message.what();
  if (what == stun::method::allocate) return on_allocate(r);
  if (what == stun::method::refresh) return on_refresh(r);
  auto* a = of(r);
  if (a == nullptr) return;
  if (what == stun::method::create_permission) return on_create_permission(r, *a);
  if (what == stun::method::channel_bind) return on_channel_bind(r, *a);
  if (what == stun::method::connect) return on_connect(r, *a);
  answer_error(r, 400);
}

std::optional<core::time_point> turn_server::next() const {
  auto out = grants_.next();
  if (const auto* first = allocations_.first()) out = out ? std::min(*out, first->expires) : first->expires;
  return out;
}

void turn_server::at(core::time_point now) {
  for (auto* first = allocations_.first(); first != nullptr && first->expires <= now; first = allocations_.first()) remove(*first);
  grants_.expire(now);
}

// RFC 8656 s.3.1: an allocation ends with the stream that it was made by; but a client that may move comes back by another.
void turn_server::on_client_gone(const five_tuple& client) {
  auto* a = allocations_.find(client);
  if (a == nullptr) return;
  if (a->ticket == 0) return remove(*a);
  if (a->former == client) allocations_.forget_former(*a);
}

}  // namespace phyllo::nat
