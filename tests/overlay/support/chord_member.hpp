// An active peer of a Chord ring at place 80, as its machine alone: what others say goes in, what it wants comes out.
#pragma once

#include <algorithm>

#include "chord/chord.hpp"
#include "support/chord_ids.hpp"

namespace phyllo::testing::chord_scene {

using namespace std::chrono_literals;

inline constexpr core::time_point start{100s};
inline constexpr auto later = start + 20s;
inline const auto self = place(0x80);

inline overlay::chord_update ready() { return {1, overlay::chord_update_type::peer_ready, {}, {}, {}}; }

inline overlay::chord_update neighbours(std::vector<overlay::node_id> before, std::vector<overlay::node_id> after) {
  return {1, overlay::chord_update_type::neighbors, std::move(before), std::move(after), {}};
}

inline overlay::chord_options options(bool reactive = true) {
  overlay::chord_options o;
  o.neighbours_each = 3;
  o.reactive = reactive;
  return o;
}

// With links to these others, which are peers too, long after it has last said anything.
struct member : overlay::chord {
  explicit member(std::initializer_list<std::uint8_t> peers, bool reactive = true) : chord(place(0x80), options(reactive), start) {
    (void)form(start);
    for (const auto p : peers) {
      (void)link_opened(place(p), false, start);
      (void)updated(place(p), ready(), start);
    }
    (void)tick(start + 10s);
  }
};

// Whom it wants to send Updates of this type.
inline std::vector<overlay::node_id> told(const overlay::chord::actions& all, overlay::chord_update_type type) {
  std::vector<overlay::node_id> out;
  for (const auto& t : of<overlay::chord_actions::tell>(all)) {
    if (t.update.type == type) out.insert(out.end(), t.to.begin(), t.to.end());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace phyllo::testing::chord_scene
