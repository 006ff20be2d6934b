// When a node that is unsynced here is reminded of it: often at first, since data may be at stake, then ever less, and not for ever. One
// that never says the arcs which this node sees may reckon them differently.
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class reminders {
 public:
  static constexpr core::duration every = std::chrono::seconds(1);
  static constexpr unsigned often = 10;  // so many of them; each pause after that is twice as long
  static constexpr core::duration pause_longest = std::chrono::minutes(1);
  static constexpr unsigned at_most = 20;

  struct work {
    std::vector<node_id> remind;
    std::vector<node_id> given_up;  // as of now: no more for as long as it stays unsynced
  };
  // `unsynced`: all that are, now. Who is not among them any more begins anew.
  [[nodiscard]] work due(const std::vector<node_id>& unsynced, core::time_point now);

 private:
  struct state {
    unsigned count = 0;
    core::time_point next{};
  };
  std::map<node_id, state> of_;
};

}  // namespace phyllo::overlay
