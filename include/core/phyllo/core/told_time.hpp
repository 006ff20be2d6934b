// What a clock elsewhere has been heard to show: how a node finds that its own is wrong.
#pragma once

#include <string>

#include "phyllo/core/time.hpp"

namespace phyllo::core {

// Kept as a difference to this machine's steady clock: when its wall clock is set, for better or worse, it is known at once how that
// stands to the other one.
struct told_time {
  std::string by;    // whose clock, for people
  duration shows{};  // what it shows, less this machine's steady clock
  time_point at{};   // when it was heard
};

// "2 h 5 min", "20 min 3 s", "61 s"; of either sign.
[[nodiscard]] std::string text_of_span(duration d);

// "the clock of this node is 20 min 3 s behind `whose`", where that one is `ahead`; or the other way round.
[[nodiscard]] std::string text_of_difference(duration ahead, const std::string& whose);

}  // namespace phyllo::core
