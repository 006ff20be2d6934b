#include "timer_wheel.hpp"

#include <doctest.h>

#include <map>
#include <random>

namespace timer_wheel_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace std::chrono_literals;

TEST_CASE("every alarm rings once, not before its time and not much after") {
  core::time_point now{1000s};
  timer_wheel w(now);
  std::mt19937 dice(3);
  std::map<std::uint32_t, core::time_point> waiting;
  std::uint32_t number = 0;
  const auto ring = [&](operation_key k, core::time_point at) {
    REQUIRE(waiting.contains(k.place));
    CHECK(waiting[k.place] == at);
    CHECK(at <= now);
    CHECK(now - at <= 20ms);
    waiting.erase(k.place);
  };
  for (int step = 0; step < 10'000; ++step) {
    const auto at = now + std::chrono::microseconds(dice() % 40'000'000);  // several rounds of the wheel
    waiting[number] = at;
    w.set({number++, 1}, at);
    now += 10ms;
    w.pass(now, ring);
  }
  for (int step = 0; step < 5000; ++step) w.pass(now += 10ms, ring);
  CHECK(waiting.empty());
  CHECK(w.next() == core::time_point::max());
}

TEST_CASE("an alarm may be set from another, also for a time that has passed") {
  core::time_point now{5s};
  timer_wheel w(now);
  int rung = 0;
  w.set({1, 1}, now);
  for (int i = 0; i < 10; ++i) {
    w.pass(now += 4ms, [&](operation_key k, core::time_point) {
      if (++rung < 3) w.set(k, now - 1s);
    });
  }
  CHECK(rung == 3);
}

TEST_CASE("after a long pause nothing has been missed") {
  core::time_point now{5s};
  timer_wheel w(now);
  int rung = 0;
  for (std::uint32_t i = 0; i < 100; ++i) w.set({i, 1}, now + std::chrono::milliseconds(i * 50));
  w.pass(now + 1h, [&](operation_key, core::time_point) { ++rung; });
  CHECK(rung == 100);
}

}  // namespace timer_wheel_test
