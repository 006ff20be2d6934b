#include "sip/transaction_clock.hpp"

#include <doctest.h>

#include "support/simulated_world.hpp"

namespace transaction_clock_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

// When the alarm goes off first.
core::awaitable<void> wait_once(sip::transaction_clock& clock, core::time_point& rang) {
  bool due = false;
  while (!due) {  // ends with the first timer
    co_await clock.alarm().wait();
    due = clock.take_due().has_value();
  }
  rang = clock.now();
}

}  // namespace

TEST_CASE("timers come due in the order of their times, each once") {
  simulated_world world;
  sip::transaction_clock clock(world.env());
  const auto start = clock.now();
  clock.set(start + 2s, 7);
  clock.set(start + 1s, 8);
  CHECK_FALSE(clock.take_due());
  world.run_for(1500ms);
  CHECK(clock.take_due() == 8U);
  CHECK_FALSE(clock.take_due());
  world.run_for(1s);
  CHECK(clock.take_due() == 7U);
  CHECK_FALSE(clock.take_due());
}

TEST_CASE("an earlier timer brings the alarm forward, and a later one does not put it off") {
  simulated_world world;
  sip::transaction_clock clock(world.env());
  const auto start = clock.now();
  core::time_point rang{};
  clock.set(start + 10s, 1);
  world.spawn(wait_once(clock, rang));
  world.run_for(1s);
  clock.set(start + 3s, 2);
  clock.set(start + 20s, 3);
  world.run_for(5s);
  CHECK(rang == start + 3s);
}

}  // namespace transaction_clock_test
