// Runs a machine by the clock: begins what is due, gives it what came and the time, and sends what it wrote.
#pragma once

#include <atomic>

#include "arrivals.hpp"
#include "board.hpp"
#include "ways.hpp"

namespace phyllo::load {

struct run_plan {
  arrivals::plan when;
  core::duration drain{};  // after the last has begun: what is not over then has failed
  core::duration warm_up{};
};

// On the calling thread, until all is over or `stop` is set. CPU seconds of the thread.
double run(machine& m, ways& w, const run_plan& p, board& b, const std::atomic<bool>& stop);

}  // namespace phyllo::load
