#include "transport/link/silence_watch.hpp"

#include <doctest.h>

namespace silence_watch_test {

using namespace std::chrono_literals;
using phyllo::transport::silence_watch;

namespace {

const phyllo::core::time_point start{1h};

}  // namespace

TEST_CASE("a peer that was heard of late is in no trouble") {
  silence_watch w(start);
  CHECK_FALSE(w.due(start + silence_watch::silence_max - 1ms));
  CHECK(w.due(start + silence_watch::silence_max));
  w.hear(start + 1s);
  CHECK(w.heard() == start + 1s);
  CHECK_FALSE(w.due(start + silence_watch::silence_max));
}

TEST_CASE("each silence is told once") {
  silence_watch w(start);
  REQUIRE(w.due(start + 1min));
  w.tell();
  CHECK_FALSE(w.due(start + 2min));
  w.hear(start + 2min);
  CHECK_FALSE(w.due(start + 2min));
  CHECK(w.due(start + 3min));
}

}  // namespace silence_watch_test
