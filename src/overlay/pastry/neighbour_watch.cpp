#include "pastry/neighbour_watch.hpp"

#include <algorithm>

namespace phyllo::overlay {

// The left neighbour knows so that this node lives, and this node that the left one does. All messages and their ACKs count, so both ends
// have the same view of how long it was. What is asked for is its leaf set: heartbeats compare views besides.
neighbour_watch::findings neighbour_watch::look(core::time_point now, core::time_point compare_at) {
  findings f;
  if (ring_.leafs.empty()) return f;
  const auto left = ring_.leafs.left_neighbour();
  const auto right = ring_.leafs.right_neighbour();
  if (right != watched_) {
    watched_ = right;
    watched_since_ = now;
  }
  const auto look_at = [&](core::time_point due) {
    f.look_again = std::min(f.look_again, now >= due ? now + heartbeat_ : due);
    return now >= due;
  };
  if (ring_.usable(left) && look_at(std::min(ring_.find(left)->link.heard + heartbeat_, compare_at))) f.ask = left;
  if (ring_.usable(right) && look_at(std::max(ring_.find(right)->link.heard, watched_since_) + silence_max())) f.suspect = right;
  return f;
}

}  // namespace phyllo::overlay
