// The leaf set L: the |L|/2 nearest nodes on each side (Rowstron & Druschel 2001, s.2.1).
//
// Differences from the paper:
// - In a small ring a node stands on both sides, so that a ring of up to |L| nodes is known whole.
// - It holds the members of the overlay only; one joiner at a time, that this node has granted to enter beside it.
#pragma once

#include <cstddef>
#include <vector>

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class leaf_set {
 public:
  leaf_set(const node_id& self, std::size_t size) : self_(self), half_(size / 2) {}

  // False: it is here already, it is self, or both sides are full of nearer nodes.
  bool insert(const node_id& n);
  bool erase(const node_id& n);
  [[nodiscard]] bool contains(const node_id& n) const noexcept;
  [[nodiscard]] bool would_take(const node_id& n) const;

  [[nodiscard]] std::vector<node_id> left() const;   // falling ids, nearest first
  [[nodiscard]] std::vector<node_id> right() const;  // rising ids, nearest first
  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] const node_id& left_neighbour() const { return nodes_.back(); }          // not when empty
  [[nodiscard]] const node_id& right_neighbour() const { return nodes_.front(); }        // not when empty
  [[nodiscard]] const std::vector<node_id>& members() const noexcept { return nodes_; }  // each once, clockwise from self

  // Sides that overlap have met at the far end of the ring: there is nobody else.
  [[nodiscard]] bool whole_ring() const noexcept { return nodes_.size() < 2 * half_; }
  // Between the farthest node on the left and the farthest on the right, or the whole ring is known.
  [[nodiscard]] bool spans(const node_id& key) const;

 private:
  [[nodiscard]] std::size_t side() const noexcept { return nodes_.size() < half_ ? nodes_.size() : half_; }

  node_id self_;
  std::size_t half_;
  std::vector<node_id> nodes_;  // by clockwise distance from self; the first `side()` are right, the last left
};

}  // namespace phyllo::overlay
