// Pastry's routing (Rowstron & Druschel 2001, s.2.3) over tables that are perfect: in each slot the nearest node that there is, by the
// network's true distances. An oracle: what a ring's own tables can be at best.
#pragma once

#include <cstddef>
#include <vector>

#include "phyllo/sim/ring.hpp"

namespace phyllo::simulate {

class perfect_tables {
 public:
  // Of the nodes that are active now.
  perfect_tables(sim::ring& ring, unsigned digit_bits, std::size_t leaf_set);

  // From `from` to the key's root. With `sought` each node but those goes to the nearest of them that it knows, if it knows any: no
  // estimate of who is among them can be better.
  [[nodiscard]] std::vector<sim::node*> way(const sim::node& from, const identity::node_id& key,
                                            const std::vector<sim::node*>& sought) const;

 private:
  __extension__ using number = unsigned __int128;
  using place = std::size_t;  // of a node, by rising Node-ID

  [[nodiscard]] place place_of(const sim::node& n) const;
  [[nodiscard]] std::size_t common_digits(number a, number b) const;
  [[nodiscard]] std::size_t digit(number id, std::size_t row) const;
  [[nodiscard]] std::vector<place> leafs(place p) const;
  [[nodiscard]] std::vector<place> entries(place p) const;
  [[nodiscard]] place next(place at, number key) const;
  [[nodiscard]] place nearest_sought(place at, const std::vector<sim::node*>& sought) const;  // `at`: it knows none, or is one
  void fill(place p, sim::network& n);

  static constexpr place nobody = ~place{0};
  unsigned bits_;
  std::size_t half_;
  std::vector<number> ids_;
  std::vector<sim::node*> nodes_;
  std::vector<std::vector<place>> tables_;  // by row, then column
  sim::network& network_;
};

}  // namespace phyllo::simulate
