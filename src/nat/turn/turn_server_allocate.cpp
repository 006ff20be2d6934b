// RFC 8656 s.7 and s.8: how allocations come, last and go, and RFC 8016: how they move.
#include <algorithm>

#include "turn/turn_server.hpp"

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

std::uint32_t seconds_left(const allocation& a, core::time_point now) {
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(a.expires - now).count());
}

}  // namespace

void turn_server::on_allocate(const turn_request& r) {
  if (const auto* known = allocations_.find(r.from)) {
    const bool again = known->created_by == r.message.transaction() && known->user == r.user;
    return again ? answer_allocated(r, *known) : answer_error(r, 437);
  }
  const auto wish = read_wish(r.message, settings_);
  if (!wish) return answer_error(r, wish.error());
  const auto lifetime = granted_lifetime(r.message, settings_);
  if (!lifetime) return answer_error(r, 400);
  if (const auto code = quotas_.take(r.user, r.from.client.address); code != 0) return answer_error(r, code);
  auto granted = grants_.grant(r, *wish);
  if (!granted) {
    quotas_.release(r.user, r.from.client.address);
    return answer_error(r, granted.error());
  }
  constexpr std::chrono::seconds at_least{600};
  auto& a = allocations_.add(r.from, r.now + std::max(*lifetime, at_least));
  a.user = r.user;
  a.created_by = r.message.transaction();
  a.relays = std::move(granted->relays);
  a.failed = granted->failed;
  a.reserved = granted->reserved;
  a.ticket = wish->mobile ? 1 : 0;
  for (const auto n : a.relays) relays_.give(n, &a);
  answer_allocated(r, a);
}

void turn_server::answer_allocated(const turn_request& r, const allocation& a) {
  turn_answer out(room_, r.message, stun::message_class::success);
  auto& w = out.writer();
  for (const auto n : a.relays) w.add_xor_address(type::xor_relayed_address, relays_.at(n));
  w.add_number32(type::lifetime, seconds_left(a, r.now));
  if (a.reserved) w.add_number64(type::reservation_token, *a.reserved);
  w.add_xor_address(type::xor_mapped_address, r.from.client);
  if (a.failed) w.add_address_error(a.failed->family, a.failed->code);
  if (a.ticket != 0) w.add(type::mobility_ticket, tickets_.seal({a.serial, a.ticket}));
  actions_.to_client(r.from, out.sealed(r));
}

void turn_server::on_refresh(const turn_request& r) {
  if (const auto ticket = r.message.find(type::mobility_ticket)) return on_move(r, *ticket);
  if (auto* a = of(r)) refresh(r, *a);
}

void turn_server::refresh(const turn_request& r, allocation& a) {
  if (const auto wanted = r.message.find(type::requested_address_family)) {
    const auto has = [&](relay_number n) { return stun::family_of(relays_.at(n).address) == stun::family_value(*wanted); };
    if (std::ranges::none_of(a.relays, has)) return answer_error(r, 443);
  }
  const auto lifetime = granted_lifetime(r.message, settings_);
  if (!lifetime) return answer_error(r, 400);
  turn_answer out(room_, r.message, stun::message_class::success);
  out.writer().add_number32(type::lifetime, static_cast<std::uint32_t>(lifetime->count()));
  const bool moved = r.message.has(type::mobility_ticket);
  if (moved) out.writer().add(type::mobility_ticket, tickets_.seal({a.serial, a.ticket}));
  actions_.to_client(r.from, out.sealed(r));
  if (lifetime->count() == 0) return remove(a);
  allocations_.set_expiry(a, r.now + *lifetime);
}

// RFC 8016 s.3.2.2. The ticket authorises nothing: whoever comes must have the user's credentials, too.
void turn_server::on_move(const turn_request& r, core::byte_view ticket) {
  if (!settings_.mobility) return answer_error(r, 405);
  const auto told = tickets_.open(ticket);
  if (!told) return answer_error(r, 400);
  auto* a = allocations_.find(told->serial);
  if (a == nullptr) return answer_error(r, 437);
  if (a->user != r.user) return answer_error(r, 441);
  const bool here = a->client == r.from;
  if (told->number == a->former_ticket && here) return refresh(r, *a);  // the answer was lost
  if (told->number != a->ticket || here) return answer_error(r, 400);
  if (allocations_.find(r.from) != nullptr) return answer_error(r, 437);
  a->former_ticket = a->ticket++;
  allocations_.move(*a, r.from);
  refresh(r, *a);
}

void turn_server::remove(allocation& a) {
  for (const auto n : a.relays) relays_.close(n);
  quotas_.release(a.user, a.counted_at);
  allocations_.remove(a);
}

}  // namespace phyllo::nat
