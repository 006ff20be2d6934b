#include "turn/turn_grants.hpp"

namespace phyllo::nat {

std::expected<turn_grant, int> turn_grants::grant(const turn_request& r, const turn_wish& w) {
  return w.token ? take_held(*w.token, r.now) : open(r, w);
}

std::expected<turn_grant, int> turn_grants::take_held(std::uint64_t token, core::time_point now) {
  const auto held = held_.take(token, now);
  if (!held) return std::unexpected(508);
  quotas_.release(held->user, held->counted_at);
  return turn_grant{{held->relay}, {}, {}};
}

std::expected<turn_grant, int> turn_grants::open(const turn_request& r, const turn_wish& w) {
  using stun::address_family;
  turn_grant out;
  const auto wanted = w.both_families ? std::vector{address_family::v4, address_family::v6} : std::vector{w.family};
  int code = 0;
  for (const auto family : wanted) {
    const auto n = relays_.open(family, w.ports);
    if (n) out.relays.push_back(*n);
    if (!n) code = relays_.serves(family) ? 508 : 440;
    if (!n) out.failed = {family, code};
  }
  if (out.relays.empty()) return std::unexpected(code);
  if (w.ports != port_pool::wanted::even_and_next) return out;
  code = hold(r, out);
  if (code == 0) return out;
  relays_.close(relays_.second());
  relays_.close(out.relays.front());
  return std::unexpected(code);
}

// The port after the one that was opened last.
int turn_grants::hold(const turn_request& r, turn_grant& g) {
  if (held_.full()) return 508;
  if (const auto code = quotas_.take(r.user, r.from.client.address); code != 0) return code;
  g.reserved = tokens_.next();
  held_.add({*g.reserved, relays_.second(), r.now + reservations::lifetime, r.user, r.from.client.address});
  return 0;
}

void turn_grants::expire(core::time_point now) {
  while (const auto r = held_.expired(now)) {  // ends: each turn takes one
    relays_.close(r->relay);
    quotas_.release(r->user, r->counted_at);
  }
}

}  // namespace phyllo::nat
