// A half-open piece of the ring, (after, upto], as a Chord peer is responsible for one (RFC 6940 s.10.1).
#pragma once

#include <vector>

#include "reload/ring.hpp"
#include "reload/ring_arc.hpp"

namespace phyllo::overlay {

struct key_range {
  node_id after, upto;  // the same: the whole ring
  [[nodiscard]] bool contains(const resource_id& key) const noexcept {
    if (after == upto) return true;
    const auto far = clockwise(after, key);
    return far != node_id{} && far <= clockwise(after, upto);
  }
  friend bool operator==(const key_range&, const key_range&) = default;
};

// As storage keeps it: one arc, or two where it crosses zero.
[[nodiscard]] inline std::vector<arc> arcs_of(const key_range& r) {
  const auto first = successor(r.after);
  if (first <= r.upto) return {{first, r.upto}};
  return {{first, whole_ring().last}, {whole_ring().first, r.upto}};
}

}  // namespace phyllo::overlay
