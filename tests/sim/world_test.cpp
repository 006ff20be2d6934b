// Virtual time: timers under coroutines.
#include <doctest.h>

#include <asio/error.hpp>

#include "phyllo/core/task_scope.hpp"
#include "support/simulated_world.hpp"

namespace world_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> note_wait(core::timer& t, std::vector<bool>& log) { log.push_back(co_await t.wait()); }

core::awaitable<void> sleep_and_note(core::environment& env, core::duration d, bool& slept) {
  co_await core::sleep_for(env, d);
  slept = true;
}

}  // namespace

TEST_CASE("a wait tells whether its time was reached, or it was set or cancelled meanwhile") {
  testing::simulated_world world;
  const auto t = world.env().make_timer();
  std::vector<bool> log;
  const auto start = world.now();
  t->set(start + 10s);
  world.spawn(note_wait(*t, log));
  world.run_for(9s);
  CHECK(log.empty());
  world.run_for(1s);
  CHECK(log == std::vector{true});
  t->set(start + 20s);
  world.spawn(note_wait(*t, log));
  world.run_for(1s);
  t->cancel();
  CHECK(log.size() == 1);  // never from inside the call
  world.run_for(0s);
  CHECK(log == std::vector{true, false});
}

TEST_CASE("a sleeper that is cancelled ends at once, and one that still sleeps at the world's end is destroyed with it") {
  bool slept = false;
  {
    testing::simulated_world world;
    core::task_scope scope(world.env());
    scope.spawn(sleep_and_note(world.env(), 1h, slept));
    world.run_for(1s);
    CHECK(scope.running() == 1);
    scope.cancel();
    world.run_for(0s);
    CHECK(scope.running() == 0);
    world.spawn(sleep_and_note(world.env(), 1h, slept));
    world.run_for(1s);
  }
  CHECK_FALSE(slept);
}

TEST_CASE("a host's wall clock may jump, its monotonic clock does not") {
  testing::simulated_world world;
  sim::environment here(world);
  here.set_skew(-3h);
  CHECK(here.wall_now() == world.wall_now() - 3h);
  CHECK(here.now() == world.now());
}

}  // namespace world_test
