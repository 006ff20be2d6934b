#include "assembly/twin_watch.hpp"

#include <doctest.h>

#include <array>

namespace twin_watch_test {

using phyllo::node::twin_watch;
using verdict = twin_watch::verdict;

TEST_CASE("two that live see each other, and agree on who is the younger") {
  twin_watch a({100, 7});
  twin_watch b({200, 3});
  for (int i = 0; i < 2; ++i) {
    b.saw(a.next_mark());
    a.saw(b.next_mark());
  }
  CHECK(a.judge() == verdict::older);
  CHECK(b.judge() == verdict::younger);
}

TEST_CASE("of two that started in the same second one is the younger, too") {
  twin_watch a({100, 7});
  twin_watch b({100, 8});
  for (int i = 0; i < 2; ++i) {
    b.saw(a.next_mark());
    a.saw(b.next_mark());
  }
  CHECK(a.judge() == verdict::older);
  CHECK(b.judge() == verdict::younger);
}

TEST_CASE("one's own marks, and what is left of an earlier process, are no twin") {
  twin_watch before({100, 7});
  twin_watch now({101, 9});
  const auto left = before.next_mark();
  for (int i = 0; i < 10; ++i) {
    now.saw(left);
    now.saw(now.next_mark());
  }
  CHECK(now.judge() == verdict::alone);
}

TEST_CASE("a twin that is there no more is forgotten") {
  twin_watch a({100, 7});
  twin_watch b({200, 3});
  for (int i = 0; i < 3; ++i) a.saw(b.next_mark());
  REQUIRE(a.judge() == verdict::older);
  for (int i = 0; i < 3; ++i) a.saw(a.next_mark());
  CHECK(a.judge() == verdict::alone);
}

TEST_CASE("what a twin that is there no more has left in other places keeps nobody from forgetting it") {
  twin_watch a({100, 7});
  twin_watch b({200, 3});
  const std::array left{b.next_mark(), b.next_mark(), b.next_mark()};
  a.saw(b.next_mark());
  a.saw(b.next_mark());
  REQUIRE(a.judge() == verdict::older);
  for (const auto& mark : left) a.saw(mark);
  CHECK(a.judge() == verdict::alone);
}

TEST_CASE("each of several earlier processes is one for itself, and what is no mark counts for nobody") {
  twin_watch now({300, 1});
  now.saw(twin_watch({100, 1}).next_mark());
  now.saw(twin_watch({200, 1}).next_mark());
  for (const auto* text : {"", "7", "7 ", "x y z", "-1 00 1", "99999999999 1 1"}) now.saw(text);
  CHECK(now.judge() == verdict::alone);
}

}  // namespace twin_watch_test
