#include "phyllo/core/timers.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "support/run.hpp"

namespace timers_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct bell final : core::timers::entry {
  explicit bell(core::timers& t) : timers(t) {}
  ~bell() { timers.cancel(*this); }
  void ring() override {
    ++rung;
    if (then) then();
  }
  void drop() noexcept override { ++dropped; }

  core::timers& timers;
  std::function<void()> then;
  int rung = 0;
  int dropped = 0;
};

core::time_point in(core::duration span) { return std::chrono::steady_clock::now() + span; }

core::awaitable<void> wait_for(core::timer& t, int& ended) {
  co_await t.wait();
  ++ended;
}

}  // namespace

TEST_CASE("timers that are set later, moved and cancelled leave the kernel's alarm where it is") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  bell first(timers);
  timers.set(first, in(20ms));
  CHECK(timers.alarms_set() == 1);
  std::vector<std::unique_ptr<bell>> others;
  for (int i = 0; i < 10'000; ++i) {
    auto& other = *others.emplace_back(std::make_unique<bell>(timers));
    timers.set(other, in(500ms + i * 1ms));
    timers.set(other, in(1s));
    timers.cancel(other);
  }
  CHECK(timers.alarms_set() == 1);
  io.run();
  CHECK(first.rung == 1);
  CHECK(timers.alarms_set() == 1);
}

TEST_CASE("an alarm that finds nothing due is set for what comes next, and what is moved earlier moves it") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  bell moved(timers), other(timers);
  timers.set(moved, in(1h));
  timers.set(moved, in(5ms));
  CHECK(timers.alarms_set() == 2);
  const auto due = in(40ms);
  timers.set(other, due);
  timers.cancel(moved);
  io.run();
  CHECK(moved.rung == 0);
  CHECK(other.rung == 1);
  CHECK(std::chrono::steady_clock::now() >= due);
  CHECK(timers.alarms_set() <= 5);  // once for what was cancelled, and once a level that the other came nearer by
}

TEST_CASE("many timers of one time are one alarm, and each rings once") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  std::vector<std::unique_ptr<bell>> bells;
  const auto due = in(10ms);
  for (int i = 0; i < 1000; ++i) timers.set(*bells.emplace_back(std::make_unique<bell>(timers)), due);
  io.run();
  for (const auto& b : bells) CHECK(b->rung == 1);
  CHECK(timers.alarms_set() <= 2);
}

TEST_CASE("what rings may set itself for at once, and others have their turn between") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  bell again(timers);
  int others = 0;
  again.then = [&] {
    if (again.rung == 100) return;
    asio::post(io, [&] { ++others; });
    timers.set(again, in(0s));
  };
  timers.set(again, in(0s));
  CHECK(again.rung == 0);  // not from inside set()
  io.run();
  CHECK(again.rung == 100);
  CHECK(others == 99);
  CHECK(timers.alarms_set() == 0);
}

TEST_CASE("what rings may destroy itself and others that are due") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  auto one = std::make_unique<bell>(timers);
  auto other = std::make_unique<bell>(timers);
  one->then = [&] {
    other.reset();
    const auto gone = std::move(one);
  };
  const auto due = in(1ms);
  timers.set(*one, due);
  timers.set(*other, due);
  io.run();
  CHECK(one == nullptr);
  CHECK(other == nullptr);
}

TEST_CASE("an io_context whose timers are all cancelled or for never does not run on for them") {
  asio::io_context io;
  auto& timers = core::timers::of(io.get_executor());
  bell cancelled(timers), never(timers);
  timers.set(cancelled, in(1h));
  timers.set(never, core::time_point::max());
  timers.cancel(cancelled);
  io.run();
  CHECK(cancelled.rung + never.rung == 0);
}

TEST_CASE("who waits when the io_context ends is destroyed and not resumed") {
  int ended = 0;
  {
    testing::real_world world;
    const auto later = world.env->make_timer();
    const auto never = world.env->make_timer();
    later->set(in(1h));
    asio::co_spawn(world.io, wait_for(*later, ended), [](const std::exception_ptr&) {});
    asio::co_spawn(world.io, wait_for(*never, ended), [](const std::exception_ptr&) {});
    world.io.poll();
  }
  CHECK(ended == 0);
}

TEST_CASE("a coroutine that is cancelled leaves its wait at once") {
  testing::real_world world;
  const auto t = world.env->make_timer();
  int ended = 0;
  core::task_scope scope(*world.env);
  scope.spawn(wait_for(*t, ended));
  asio::post(world.io, [&] { scope.cancel(); });
  world.run(scope.join());
  CHECK(ended == 0);
  CHECK(scope.running() == 0);
}

}  // namespace timers_test
