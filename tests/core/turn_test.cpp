#include "phyllo/core/turn.hpp"

#include <doctest.h>

#include <string>

#include "support/simulated_world.hpp"

namespace turn_test {

using namespace phyllo;

namespace {

core::awaitable<void> speak(std::string& heard, char name) {
  for (int i = 0; i < 3; ++i) {
    heard.push_back(name);
    co_await core::next_turn();
  }
}

core::awaitable<void> nothing() { co_return; }

}  // namespace

TEST_CASE("a turn is over with its steps, or with its bytes, and begins anew") {
  core::turn t;
  CHECK(t.over_after(core::turn::bytes_max));
  CHECK(t.over_after(core::turn::bytes_max + 1));
  CHECK_FALSE(t.over_after(core::turn::bytes_max - 1));
  CHECK(t.over_after(1));
  std::size_t steps = 1;
  while (!t.over_after(0)) ++steps;
  CHECK(steps <= core::turn::steps_max);
}

TEST_CASE("who has waited begins a turn, whatever it has taken before") {
  core::turn t;
  CHECK_FALSE(t.over_after(core::turn::bytes_max - 1));
  t.begin();
  CHECK_FALSE(t.over_after(core::turn::bytes_max - 1));
  CHECK(t.over_after(1));
}

TEST_CASE("whoever gives its turn up lets the others have theirs") {
  testing::simulated_world world;
  std::string heard;
  world.spawn(speak(heard, 'a'));
  world.spawn(speak(heard, 'b'));
  world.run_for(std::chrono::seconds(1));
  world.run(nothing());
  CHECK(heard == "ababab");
}

}  // namespace turn_test
