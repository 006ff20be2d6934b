// Virtual time: the order of events, and timers under coroutines.
#include <doctest.h>

#include <asio/error.hpp>

#include <algorithm>

#include "phyllo/core/task_scope.hpp"
#include "support/simulated_world.hpp"

namespace world_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct noted final : sim::event {
  noted(std::vector<int>& log, int number) : log_(log), number_(number) {}
  void fire() override { log_.push_back(number_); }
  std::vector<int>& log_;
  int number_;
};

core::awaitable<void> note_wait(core::timer& t, std::vector<bool>& log) { log.push_back(co_await t.wait()); }

core::awaitable<void> sleep_and_note(core::environment& env, core::duration d, bool& slept) {
  co_await core::sleep_for(env, d);
  slept = true;
}

}  // namespace

TEST_CASE("events come by time, those of one time in the order of their scheduling, whatever was removed or set anew") {
  std::mt19937 random(5);
  std::vector<int> log;
  std::vector<std::unique_ptr<noted>> events;
  std::vector<std::pair<core::time_point, int>> expected;  // with the order of scheduling
  sim::event_queue queue;
  for (int i = 0; i < 500; ++i) {
    events.push_back(std::make_unique<noted>(log, i));
    queue.schedule(*events.back(), core::time_point(std::chrono::seconds(random() % 50)));
  }
  for (int i = 0; i < 500; ++i) {
    const core::time_point when(std::chrono::seconds(random() % 50));
    if (i % 3 == 0) {
      queue.remove(*events[static_cast<std::size_t>(i)]);
    } else {
      queue.schedule(*events[static_cast<std::size_t>(i)], when);
      expected.emplace_back(when, i);
    }
  }
  std::ranges::sort(expected);
  while (!queue.empty()) queue.take().fire();  // ends with the queue
  REQUIRE(log.size() == expected.size());
  for (std::size_t i = 0; i < log.size(); ++i) CHECK(log[i] == expected[i].second);
}

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
