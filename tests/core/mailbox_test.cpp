#include "phyllo/core/mailbox.hpp"

#include <doctest.h>

#include "phyllo/core/task_scope.hpp"
#include "support/simulated_world.hpp"

namespace mailbox_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

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

core::awaitable<void> wait_for_close(core::environment& env, core::mailbox<int>& box, core::time_point& ended) {
  const auto item = co_await box.receive(core::time_point::max());
  CHECK(item.error() == core::errc::closed);
  ended = env.now();
}

}  // namespace

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

TEST_CASE("closing wakes who waits without a deadline") {
  testing::simulated_world world;
  core::mailbox<int> box(world.env(), 1);
  core::time_point ended{};
  world.at(world.now() + 5s, [&] { box.close(); });
  const auto start = world.now();
  world.run(wait_for_close(world.env(), box, ended));
  CHECK(ended - start == 5s);
}

}  // namespace mailbox_test
