// The leaf set L: the |L|/2 nearest nodes on each side (Rowstron & Druschel 2001, s.2.1).
//
// Differences from the paper:
// - In a small ring a node stands on both sides, so that a ring of up to |L| nodes is known whole.
// - It holds the members of the overlay only; one joiner at a time, that this node has granted to enter beside it.
// - One that was full and has lost a few members is no small ring: until it is filled again its sides are apart, and it takes nobody from
// far
//   beyond them.
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
  // A node names its neighbours. Who stands next beyond the farthest of a side with room is taken however far it is.
  void note_neighbours(const node_id& of, const std::vector<node_id>& left, const std::vector<node_id>& right);

  [[nodiscard]] std::vector<node_id> left() const;   // falling ids, nearest first
  [[nodiscard]] std::vector<node_id> right() const;  // rising ids, nearest first
  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] const node_id& left_neighbour() const { return nodes_.back(); }    // not when empty
  [[nodiscard]] const node_id& right_neighbour() const { return nodes_.front(); }  // not when empty
  [[nodiscard]] bool has_neighbour(const node_id& n) const { return !empty() && (n == left_neighbour() || n == right_neighbour()); }
  [[nodiscard]] const std::vector<node_id>& members() const noexcept { return nodes_; }  // each once, clockwise from self
  [[nodiscard]] unsigned changes() const noexcept { return changes_; }                   // so often it has become another

  // Sides that overlap have met at the far end of the ring: there is nobody else.
  [[nodiscard]] bool whole_ring() const noexcept { return nodes_.size() < 2 * half_ && !holed_; }
  // The farthest on each side that has lost members; empty while there is no such side.
  [[nodiscard]] std::vector<node_id> edges_to_fill() const;
  // Of all ids how many this set spans per node, as a number of nodes in the ring: itself and the members if it is the whole ring.
  [[nodiscard]] double ring_size_estimate() const;
  // Between the farthest node on the left and the farthest on the right, or the whole ring is known.
  [[nodiscard]] bool spans(const node_id& key) const;

 private:
  [[nodiscard]] std::size_t side() const noexcept { return nodes_.size() < half_ ? nodes_.size() : half_; }
  [[nodiscard]] std::size_t rights() const noexcept { return holed_ ? right_ : side(); }
  [[nodiscard]] std::size_t lefts() const noexcept { return holed_ ? nodes_.size() - right_ : side(); }
  [[nodiscard]] const node_id& rightmost() const noexcept { return rights() == 0 ? self_ : nodes_[rights() - 1]; }
  [[nodiscard]] const node_id& leftmost() const noexcept { return lefts() == 0 ? self_ : nodes_[nodes_.size() - lefts()]; }
  [[nodiscard]] bool on_the_right(const node_id& n) const noexcept;  // by the shorter way round
  void note_shape();

  node_id self_;
  std::size_t half_;
  std::vector<node_id> nodes_;  // by clockwise distance from self; the first `rights()` are right, the last `lefts()` left
  unsigned changes_ = 0;
  std::vector<node_id> next_beyond_;  // while holed: who stands beyond an end of it
  bool was_full_ = false;
  bool holed_ = false;     // not full, and yet not the whole ring
  std::size_t right_ = 0;  // while holed: how many are on the right
};

// Of another node, as it tells its sides.
[[nodiscard]] leaf_set leaf_set_of(const node_id& n, std::size_t size, const std::vector<node_id>& left, const std::vector<node_id>& right);

}  // namespace phyllo::overlay
