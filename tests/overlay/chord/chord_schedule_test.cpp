#include "chord/chord_schedule.hpp"

#include <doctest.h>

namespace chord_schedule_test {

using namespace phyllo;
using overlay::chord_random;
using overlay::chord_schedule;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{100s};

}  // namespace

TEST_CASE("an interval is offset by up to a quarter, not always the same") {
  chord_random r(1);
  core::duration least = 100s;
  core::duration most = 0s;
  for (int i = 0; i < 1000; ++i) {
    const auto d = r.around(100s);
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(least >= 75s);
  CHECK(least < 78s);
  CHECK(most > 122s);
  CHECK(most <= 125s);
}

TEST_CASE("a job is due once its time has come, and nothing is due that was not planned") {
  chord_schedule s;
  CHECK(s.next_due() == core::time_point::max());
  CHECK_FALSE(s.due(chord_schedule::job::seek, start + 1h));
  s.plan(chord_schedule::job::finger, start, 10s);
  CHECK(s.next_due() == start + 10s);
  CHECK_FALSE(s.due(chord_schedule::job::finger, start + 9s));
  CHECK(s.due(chord_schedule::job::finger, start + 10s));
}

TEST_CASE("an announcement is made at once, and the next one not before its time, however many are wished") {
  chord_schedule s;
  CHECK_FALSE(s.take_announcement(start));
  s.wish_announcement();
  CHECK(s.take_announcement(start));
  CHECK_FALSE(s.take_announcement(start));
  s.wish_announcement();
  s.wish_announcement();
  CHECK_FALSE(s.take_announcement(start + 1ms));
  CHECK(s.next_due() == start + chord_schedule::announcements_apart);
  CHECK(s.take_announcement(start + chord_schedule::announcements_apart));
  CHECK(s.next_due() == core::time_point::max());
}

}  // namespace chord_schedule_test
