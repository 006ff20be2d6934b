#include "phyllo/core/timer_wheel.hpp"

#include <doctest.h>

#include <memory>
#include <random>
#include <vector>

#include "fuzz/timer_wheel_model.hpp"

namespace timer_wheel_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

constexpr auto tick = core::timer_wheel::tick;
constexpr core::time_point start{1h};

struct timer : core::timer_wheel::entry {};

std::vector<core::timer_wheel::entry*> due(core::timer_wheel& wheel, core::time_point now) {
  std::vector<core::timer_wheel::entry*> out;
  wheel.advance(now);
  while (auto* e = wheel.take()) out.push_back(e);  // ends when none is due
  return out;
}

}  // namespace

TEST_CASE("whatever is set, moved and cancelled, a wheel says what a list says") {
  std::mt19937 random(20261);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint8_t> program(4 * (1 + random() % 200));
    for (auto& octet : program) octet = static_cast<std::uint8_t>(random());
    testing::timer_wheel_model model;
    CAPTURE(i);
    CHECK(model.run(program));
  }
}

TEST_CASE("a timer is due at the first tick that is not before its time") {
  core::timer_wheel wheel(start);
  timer t;
  wheel.set(t, start + tick + 1ns);
  CHECK(wheel.next() == start + 2 * tick);
  CHECK(due(wheel, start + 2 * tick - 1ns).empty());
  CHECK(due(wheel, start + 2 * tick).size() == 1);
  CHECK_FALSE(t.is_set());
  CHECK(wheel.next() == core::time_point::max());
}

TEST_CASE("a timer whose time is past is due at once, and one for never is not") {
  core::timer_wheel wheel(start);
  timer past, never;
  wheel.set(past, start - 1h);
  wheel.set(never, core::time_point::max());
  CHECK(wheel.next() == core::time_point::min());
  CHECK(due(wheel, start) == std::vector<core::timer_wheel::entry*>{&past});
  CHECK(wheel.next() == core::time_point::max());
  CHECK(wheel.any() == &never);
}

TEST_CASE("the furthest time that can be said has its place") {
  core::timer_wheel wheel(start);
  timer t;
  const auto last = core::time_point::max() - 1h;
  wheel.set(t, last);
  CHECK(due(wheel, last - 1h).empty());
  CHECK(due(wheel, last + tick).size() == 1);
}

TEST_CASE("timers of one tick are due in the order in which they were set") {
  core::timer_wheel wheel(start);
  std::vector<std::unique_ptr<timer>> timers;
  for (int i = 0; i < 10; ++i) wheel.set(*timers.emplace_back(std::make_unique<timer>()), start + 10s);
  const auto rung = due(wheel, start + 10s + tick);
  REQUIRE(rung.size() == timers.size());
  for (std::size_t i = 0; i < rung.size(); ++i) CHECK(rung[i] == timers[i].get());
}

TEST_CASE("what becomes due while others are taken waits for the next time") {
  core::timer_wheel wheel(start);
  timer first, second;
  wheel.set(first, start);
  wheel.advance(start);
  REQUIRE(wheel.take() == &first);
  wheel.set(first, start);
  wheel.set_due(second);
  CHECK(wheel.take() == nullptr);
  CHECK(wheel.next() == core::time_point::min());
  CHECK(due(wheel, start).size() == 2);
}

TEST_CASE("a timer that is destroyed leaves the wheel, and so does one that is due already") {
  core::timer_wheel wheel(start);
  auto waiting = std::make_unique<timer>();
  auto taken = std::make_unique<timer>();
  wheel.set(*waiting, start + 1s);
  wheel.set(*taken, start);
  wheel.advance(start);
  waiting.reset();
  taken.reset();
  CHECK(wheel.take() == nullptr);
  CHECK(wheel.next() == core::time_point::max());
}

TEST_CASE("a timer may outlive its wheel") {
  timer t;
  {
    core::timer_wheel wheel(start);
    wheel.set(t, start + 1s);
    CHECK(t.is_set());
  }
  CHECK_FALSE(t.is_set());
}

}  // namespace timer_wheel_test
