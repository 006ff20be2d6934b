// How many nodes should be nearer to a key than another node is: counted where the ring is known, reckoned by its density beyond
// (Rowstron & Druschel 2001, s.2.5).
#pragma once

#include <vector>

#include "pastry/leaf_set.hpp"

namespace phyllo::overlay {

class ring_density {
 public:
  // `known`: who is around `self`; not empty.
  ring_density(const leaf_set& known, const node_id& self, const node_id& key);

  // 1: the nearest to the key. Never less of a node that is farther from it.
  [[nodiscard]] double rank(const node_id& n) const;
  // The key lies where the ring is known.
  [[nodiscard]] bool covered() const noexcept { return whole_ || (key_at_ >= 0 && key_at_ <= span_); }

 private:
  node_id key_;
  bool whole_;
  double span_ = 0;                 // of what is known, from its left edge to its right one
  double spacing_ = 0;              // of neighbours in it
  double key_at_ = 0;               // the key's place, from the left edge; less than 0: before it
  std::vector<node_id> distances_;  // of the nodes known from the key, rising
};

}  // namespace phyllo::overlay
