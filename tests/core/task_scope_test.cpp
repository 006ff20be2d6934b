#include "phyllo/core/task_scope.hpp"

#include <doctest.h>

#include "support/simulated_world.hpp"

namespace task_scope_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> sleeper(core::environment& env, core::duration span, int& finished) {
  co_await core::sleep_for(env, span);
  ++finished;
}

core::awaitable<void> spawn_and_join(core::environment& env, int& finished, bool cancel) {
  core::task_scope scope(env);
  scope.spawn(sleeper(env, 1h, finished));
  scope.spawn(sleeper(env, 2h, finished));
  co_await core::sleep_for(env, 90min);
  if (cancel) scope.cancel();
  co_await scope.join();
  CHECK(scope.running() == 0);
}

}  // namespace

TEST_CASE("a scope joins what it spawned") {
  testing::simulated_world world;
  int finished = 0;
  world.run(spawn_and_join(world.env(), finished, false), 3h);
  CHECK(finished == 2);
}

TEST_CASE("a cancelled scope joins without waiting for its tasks' ends") {
  testing::simulated_world world;
  int finished = 0;
  const auto start = world.now();
  world.run(spawn_and_join(world.env(), finished, true), 3h);
  CHECK(finished == 1);
  CHECK(world.now() - start == 90min);
}

}  // namespace task_scope_test
