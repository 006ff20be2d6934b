#include "chord/chord_attaches.hpp"

#include <doctest.h>

#include "support/chord_ids.hpp"

namespace chord_attaches_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::chord_attaches;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{100s};
const auto alice = place(1);

}  // namespace

TEST_CASE("a node is asked once at a time, and not again while it has failed lately") {
  chord_attaches a({1, 2});
  CHECK(a.begin({alice, {}}, start));
  CHECK_FALSE(a.begin({alice, {}}, start));
  CHECK(a.under_way());
  a.failed(alice, false, start);
  CHECK_FALSE(a.under_way());
  CHECK_FALSE(a.may_try(alice, start));
  CHECK(a.may_try(alice, start + chord_attaches::pause_min));
}

TEST_CASE("the pause doubles from failure to failure, up to its limit, and ends with a success") {
  chord_attaches a({1, 2});
  core::duration pause = chord_attaches::pause_min;
  for (int i = 0; i < 10; ++i) {
    a.failed(alice, false, start);
    CHECK_FALSE(a.may_try(alice, start + pause - 1ms));
    CHECK(a.may_try(alice, start + pause));
    pause = std::min<core::duration>(2 * pause, chord_attaches::pause_max);
  }
  a.succeeded(alice);
  CHECK(a.may_try(alice, start));
}

TEST_CASE("what has failed is tried again by the same way, three times") {
  chord_attaches a({1, 2});
  auto now = start;
  unsigned tries = 0;
  REQUIRE(a.begin({alice, place(7)}, now));
  a.failed(alice, true, now);
  while (a.next_due() != core::time_point::max()) {  // ends: the tries are counted
    now = a.next_due();
    const auto due = a.take_due(now);
    REQUIRE(due.size() == 1);
    CHECK(due.front().via == place(7));
    REQUIRE(a.begin(due.front(), now));
    a.failed(alice, true, now);
    ++tries;
  }
  CHECK(tries == chord_attaches::tries_max);
}

TEST_CASE("not more are under way, or remembered, than the bounds") {
  chord_attaches a({1, 2});
  for (std::uint8_t i = 0; i < chord_attaches::open_max; ++i) CHECK(a.begin({place(1, i), {}}, start));
  CHECK_FALSE(a.begin({place(2), {}}, start));
  for (unsigned i = 0; i < 1000; ++i) a.failed(place(static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)), true, start);
  CHECK(a.take_due(start + 1h).size() == chord_attaches::again_max);
  CHECK(a.may_try(place(0, 1), start));  // the one that failed longest ago made room
  CHECK_FALSE(a.may_try(place(3, 0xe7), start));
}

}  // namespace chord_attaches_test
