// Arithmetic on the ring of 2^128 points, and sets of its arcs.
#pragma once

#include <map>
#include <vector>

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

__extension__ using uint128 = unsigned __int128;

[[nodiscard]] uint128 to_integer(const node_id& id) noexcept;
[[nodiscard]] node_id from_integer(uint128 value) noexcept;

// Points first..last, both inclusive, first <= last: what crosses zero is two arcs.
struct arc {
  resource_id first, last;
  [[nodiscard]] bool contains(const resource_id& key) const noexcept { return first <= key && key <= last; }
  friend bool operator==(const arc&, const arc&) = default;
};
[[nodiscard]] arc whole_ring() noexcept;

// A set of points, kept as disjoint arcs in rising order.
class arc_set {
 public:
  void add(const arc& a);
  void subtract(const arc& a);
  void clear() noexcept { arcs_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return arcs_.empty(); }
  [[nodiscard]] bool contains(const resource_id& key) const;
  [[nodiscard]] bool covers(const arc& a) const;
  [[nodiscard]] bool intersects(const arc& a) const;
  [[nodiscard]] std::vector<arc> within(const arc& a) const;  // the parts of this set inside `a`
  [[nodiscard]] std::vector<arc> arcs() const;

 private:
  std::map<uint128, uint128> arcs_;  // first -> last
};

}  // namespace phyllo::overlay
