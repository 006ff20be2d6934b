// Points of the ring that tests of Chord speak of.
#pragma once

#include <variant>
#include <vector>

#include "chord/chord_actions.hpp"

namespace phyllo::testing {

// 256 places, evenly around the ring: the first octet.
inline identity::node_id place(std::uint8_t first, std::uint8_t last = 0) {
  identity::node_id n;
  n.octets.front() = first;
  n.octets.back() = last;
  return n;
}

inline std::vector<identity::node_id> places_at(std::initializer_list<std::uint8_t> firsts) {
  std::vector<identity::node_id> out;
  for (const auto f : firsts) out.push_back(place(f));
  return out;
}

// Those of one kind, in their order.
template <class T>
std::vector<T> of(const std::vector<overlay::chord_action>& all) {
  std::vector<T> out;
  for (const auto& a : all) {
    if (const auto* it = std::get_if<T>(&a)) out.push_back(*it);
  }
  return out;
}

}  // namespace phyllo::testing
