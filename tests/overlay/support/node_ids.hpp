// Node-IDs that tests can tell apart.
#pragma once

#include "phyllo/overlay/name.hpp"

namespace phyllo::testing {

// Zero but for the first octet and the last.
inline overlay::node_id id(std::uint8_t first, std::uint8_t last = 0) {
  overlay::node_id n;
  n.octets[0] = first;
  n.octets[overlay::node_id::size - 1] = last;
  return n;
}

// The id whose first two octets are `high`, the rest zero but the last.
inline overlay::node_id at(std::uint16_t high, std::uint8_t last = 0) {
  auto n = id(static_cast<std::uint8_t>(high >> 8), last);
  n.octets[1] = static_cast<std::uint8_t>(high & 0xff);
  return n;
}

}  // namespace phyllo::testing
