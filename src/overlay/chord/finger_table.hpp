// The Finger Table of CHORD-RELOAD (RFC 6940 s.10.7.4.2): of each of 128 ranges, which halve from finger to finger, one peer.
//
//   finger i, 1 to 128, of peer x is valid in [x + 2^(128-i), x + 2^(128-(i-1)) - 1]: the first is half the ring away, or more
//
// Every other node of the ring is in the range of just one finger.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "chord/key_range.hpp"

namespace phyllo::overlay {

class finger_table {
 public:
  static constexpr unsigned fingers_max = 128;
  static constexpr unsigned size_min = 16;  // "SHOULD attempt to discover more fingers to grow the size of the table to 16" (s.10.7.4.3)

  explicit finger_table(const node_id& self) : self_(self) {}

  // Which finger `n`, another node, is valid for.
  [[nodiscard]] unsigned index_of(const node_id& n) const noexcept;
  [[nodiscard]] node_id first_of(unsigned i) const noexcept;  // x + 2^(128-i)
  [[nodiscard]] node_id last_of(unsigned i) const noexcept;
  // A point of the range, where `random` is any 128-bit number.
  [[nodiscard]] node_id point_of(unsigned i, uint128 random) const noexcept;

  // False: it is there already, or the finger has another peer, which stays.
  bool insert(const node_id& n);
  bool erase(const node_id& n);
  [[nodiscard]] bool contains(const node_id& n) const noexcept;
  [[nodiscard]] const std::optional<node_id>& at(unsigned i) const noexcept { return entries_[i - 1]; }
  [[nodiscard]] std::vector<node_id> entries() const;  // "in numerically ascending order" (s.10.7)
  [[nodiscard]] std::size_t count() const noexcept;

  // Fingers that are to be sought: invalid ones of the first `size_min`, or more if the range of `farthest`, the last successor, is
  // beyond. Not those whose ranges end before `farthest`: who is there is a successor already. Rising.
  [[nodiscard]] std::vector<unsigned> missing(const std::optional<node_id>& farthest) const;

 private:
  node_id self_;
  std::array<std::optional<node_id>, fingers_max> entries_;
};

}  // namespace phyllo::overlay
