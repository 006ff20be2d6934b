// The simulator's virtual time for tests: hours pass in milliseconds, and the code under test is the code that ships.
#pragma once

#include <doctest.h>

#include "phyllo/sim/world.hpp"

namespace phyllo::testing {

class simulated_world : public sim::world {
 public:
  using sim::world::world;

  // Runs `task` to its end; rethrows what it threw; fails the test after simulated `limit`.
  void run(core::awaitable<void> task, core::duration limit = std::chrono::hours(1)) { REQUIRE(finish(std::move(task), limit)); }
};

}  // namespace phyllo::testing
