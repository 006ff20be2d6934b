// All allocations of a TURN server, by five-tuple, by serial number and by the time at which they expire.
#pragma once

#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "turn/allocation.hpp"

namespace phyllo::nat {

class allocation_table {
 public:
  allocation_table(const turn_limits& limits, const core::hash_key& key)
      : limits_(limits), key_(key), by_client_(0, core::keyed_hasher{key}), by_serial_(0, core::keyed_hasher{key}) {}

  // Null: none. A client that has moved is found by both of its five-tuples.
  [[nodiscard]] allocation* find(const five_tuple& t) const;
  [[nodiscard]] allocation* find(std::uint64_t serial) const;

  // There is none of `t` yet. How many there may be is for the caller.
  allocation& add(const five_tuple& t, core::time_point expires);
  void remove(allocation& a);
  void set_expiry(allocation& a, core::time_point expires);
  // It moves to `t`, and is found by its former five-tuple too, until forget_former().
  void move(allocation& a, const five_tuple& t);
  void forget_former(allocation& a);

  // The one that expires first; null: none.
  [[nodiscard]] allocation* first() const { return by_expiry_.empty() ? nullptr : by_expiry_.begin()->second; }
  [[nodiscard]] std::size_t size() const noexcept { return by_serial_.size(); }

 private:
  turn_limits limits_;
  core::hash_key key_;
  std::uint64_t serials_ = 0;
  std::unordered_map<five_tuple, allocation*, core::keyed_hasher> by_client_;
  std::unordered_map<std::uint64_t, std::unique_ptr<allocation>, core::keyed_hasher> by_serial_;
  std::set<std::pair<core::time_point, allocation*>> by_expiry_;
};

}  // namespace phyllo::nat
