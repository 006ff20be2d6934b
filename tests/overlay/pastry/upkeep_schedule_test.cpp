#include "pastry/upkeep_schedule.hpp"

#include <doctest.h>

#include <chrono>

namespace upkeep_schedule_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::upkeep_schedule;
using job = upkeep_schedule::job;

namespace {

constexpr core::time_point start{1h};

upkeep_schedule planned() {
  upkeep_schedule s;
  s.looked();
  s.plan(job::links, start + 30s);
  s.plan(job::forget, start + 60s);
  s.plan(job::table, start + 15s);
  s.plan(job::rows, start + 20min);
  s.plan(job::seek, start + 20s);
  s.plan(job::seek_far, start + 1s);
  s.plan(job::compare, start + 1s);
  return s;
}

}  // namespace

TEST_CASE("what is due first is when to look again, for a member of the ring and for a node that is none yet") {
  const auto s = planned();
  CHECK(s.next_due(true) == start + 15s);
  CHECK(s.next_due(false) == start + 30s);
}

TEST_CASE("a look that is asked for comes in between, once") {
  auto s = planned();
  s.look_at(start + 10s);
  s.look_at(start + 12s);
  CHECK(s.next_due(true) == start + 10s);
  s.looked();
  CHECK(s.next_due(true) == start + 15s);
}

TEST_CASE("a job is due from its time on, and is hastened but never put off by that") {
  auto s = planned();
  CHECK_FALSE(s.due(job::seek, start + 20s - 1ms));
  CHECK(s.due(job::seek, start + 20s));
  s.hasten(job::seek, start + 2s);
  CHECK(s.next_due(true) == start + 2s);
  s.hasten(job::seek, start + 5s);
  CHECK(s.at(job::seek) == start + 2s);
}

}  // namespace upkeep_schedule_test
