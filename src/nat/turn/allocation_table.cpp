#include "turn/allocation_table.hpp"

namespace phyllo::nat {

allocation* allocation_table::find(const five_tuple& t) const {
  const auto at = by_client_.find(t);
  return at == by_client_.end() ? nullptr : at->second;
}

allocation* allocation_table::find(std::uint64_t serial) const {
  const auto at = by_serial_.find(serial);
  return at == by_serial_.end() ? nullptr : at->second.get();
}

allocation& allocation_table::add(const five_tuple& t, core::time_point expires) {
  const auto serial = ++serials_;
  auto made = std::make_unique<allocation>(t, serial, limits_, key_);
  auto& a = *made;
  a.expires = expires;
  a.counted_at = t.client.address;
  by_serial_.emplace(serial, std::move(made));
  by_client_.emplace(t, &a);
  by_expiry_.emplace(expires, &a);
  return a;
}

void allocation_table::remove(allocation& a) {
  forget_former(a);
  by_client_.erase(a.client);
  by_expiry_.erase({a.expires, &a});
  by_serial_.erase(a.serial);
}

void allocation_table::set_expiry(allocation& a, core::time_point expires) {
  by_expiry_.erase({a.expires, &a});
  a.expires = expires;
  by_expiry_.emplace(expires, &a);
}

void allocation_table::move(allocation& a, const five_tuple& t) {
  forget_former(a);
  a.former = std::exchange(a.client, t);
  by_client_.emplace(t, &a);
}

void allocation_table::forget_former(allocation& a) {
  if (a.former) by_client_.erase(*a.former);
  a.former.reset();
}

}  // namespace phyllo::nat
