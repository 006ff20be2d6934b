#include "phyllo/core/task_scope.hpp"

#include <doctest.h>

#include "phyllo/core/mailbox.hpp"
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

core::awaitable<void> receive_twice(core::environment& env, core::mailbox<int>& box) {
  const auto deadline = env.now() + 1s;
  const auto late = co_await box.receive(deadline);
  CHECK(late.error() == core::errc::timed_out);
  const auto item = co_await box.receive(env.now() + 10s);
  CHECK(item.value() == 7);
}

core::awaitable<void> push_after(core::environment& env, core::mailbox<int>& box, core::duration span) {
  co_await core::sleep_for(env, span);
  CHECK(box.push(7));
}

core::awaitable<void> drain_after_close(core::environment& env) {
  core::mailbox<int> box(env, 2);
  CHECK(box.push(1));
  CHECK(box.push(2));
  CHECK_FALSE(box.push(3));
  box.close();
  CHECK_FALSE(box.push(4));
  CHECK((co_await box.receive(env.now())).value() == 1);
  CHECK((co_await box.receive(env.now())).value() == 2);
  CHECK((co_await box.receive(env.now())).error() == core::errc::closed);
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

TEST_CASE("a timed-out receive loses nothing") {
  testing::simulated_world world;
  core::mailbox<int> box(world.env(), 4);
  core::task_scope scope(world.env());
  scope.spawn(push_after(world.env(), box, 3s));
  world.run(receive_twice(world.env(), box));
}

TEST_CASE("a mailbox is bounded, and what it holds outlives its closing") {
  testing::simulated_world world;
  world.run(drain_after_close(world.env()));
}

}  // namespace task_scope_test
