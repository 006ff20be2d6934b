// The routing table R: row r holds nodes that share r digits with this one, a column for each next digit
// (Rowstron & Druschel 2001, s.2.1), of several candidates the nearest by round-trip time.
//
// Differences from the paper:
// - Proximity is the smoothed round-trip time of the link; a node without a link is not in the table.
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "pastry/leaf_set_state.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class routing_table {
 public:
  struct entry {
    node_id node;
    core::duration rtt{};
  };
  using slot = std::pair<unsigned, unsigned>;  // row, column
  using placed = std::pair<slot, entry>;

  routing_table(const node_id& self, unsigned digit_bits) : self_(self), bits_(digit_bits) {}

  // Takes an empty slot, refreshes its own entry, or replaces one that is clearly farther. True: it is in.
  bool insert(const node_id& n, core::duration rtt);
  bool erase(const node_id& n);
  [[nodiscard]] bool contains(const node_id& n) const noexcept;
  [[nodiscard]] bool wants(const node_id& n) const noexcept;  // its slot is empty
  // insert() would take it at this distance; of an unknown one (zero) only when its slot is empty.
  [[nodiscard]] bool would_take(const node_id& n, core::duration rtt) const noexcept;

  [[nodiscard]] slot slot_of(const node_id& n) const noexcept;
  [[nodiscard]] const entry* at(unsigned row, unsigned column) const noexcept;
  // The entry that shares one more digit with `key` than self does.
  [[nodiscard]] const entry* towards(const node_id& key) const noexcept;
  [[nodiscard]] std::vector<node_id> row(unsigned r) const;
  // The `count` nodes of a row that are nearest, nearest first.
  [[nodiscard]] std::vector<node_id> nearest_of(unsigned r, std::size_t count) const;
  [[nodiscard]] std::vector<table_row> rows(unsigned first, unsigned last) const;  // those that are not empty
  // Another node has come into the row since this was asked last.
  [[nodiscard]] bool take_changed(unsigned r);
  [[nodiscard]] unsigned rows_used() const noexcept { return entries_.empty() ? 0 : entries_.back().first.first + 1; }
  [[nodiscard]] const std::vector<placed>& entries() const noexcept { return entries_; }  // by row, then column

 private:
  using place = std::vector<placed>::const_iterator;
  [[nodiscard]] place find(const slot& s) const noexcept;
  void note_changed(unsigned r);

  node_id self_;
  unsigned bits_;
  std::vector<placed> entries_;
  std::vector<bool> changed_;  // by row
};

}  // namespace phyllo::overlay
