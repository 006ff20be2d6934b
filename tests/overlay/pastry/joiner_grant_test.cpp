#include "pastry/joiner_grant.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace joiner_grant_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("one joiner at a time holds a grant, for a time that asking again does not prolong") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 5s));
  CHECK(g.take(at(1), start + 5s));  // asked again
  CHECK(g.busy_for(at(2), start + 5999ms));
  CHECK(g.take(at(2), start + 6s));
  CHECK_FALSE(g.release(at(1)));
  CHECK(g.expire(start + 12s) == at(2));
  CHECK_FALSE(g.expire(start + 12s).has_value());
}

TEST_CASE("a joiner that gives its grant back gets it again within its time only") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK(g.release(at(1)));
  CHECK(g.take(at(1), start + 3s));
  CHECK(g.expire(start + 6s) == at(1));
  CHECK_FALSE(g.take(at(1), start + 7s));
}

TEST_CASE("a joiner that does not wait any more keeps nobody waiting") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 1s));  // the first in the queue
  CHECK_FALSE(g.take(at(3), start + 1s));
  CHECK(g.release(at(1)));
  CHECK(g.busy_for(at(3), start + 2s));
  CHECK_FALSE(g.release(at(2)));
  CHECK(g.take(at(3), start + 2s));
}

TEST_CASE("a joiner that did not become active waits, twice as long each time, and one that did does not") {
  joiner_grant g({1, 2});
  auto t = start;
  for (const auto wait : {6s, 12s, 24s, 48s}) {
    CHECK(g.take(at(1), t));
    CHECK(g.expire(t + 6s) == at(1));
    CHECK_FALSE(g.take(at(1), t + 6s + wait - 1ms));
    CHECK(g.busy_for(at(1), t + 6s + wait - 1ms));
    t += 6s + wait;
  }
  CHECK(g.take(at(1), t));
  g.settle(at(1));
  CHECK(g.take(at(1), t + 6s));
}

TEST_CASE("no joiner waits longer than ten minutes") {
  joiner_grant g({1, 2});
  auto t = start;
  for (int i = 0; i < 20; ++i) {
    CHECK(g.take(at(1), t));
    t += 6s + 10min;
  }
}

TEST_CASE("joiners get a grant in the order in which they asked for it") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 4s));
  CHECK_FALSE(g.take(at(3), start + 5s));
  CHECK_FALSE(g.take(at(3), start + 6s));  // it is 2's turn
  CHECK(g.take(at(2), start + 6s));
  g.settle(at(2));
  CHECK_FALSE(g.take(at(4), start + 7s));
  CHECK(g.take(at(3), start + 7s));
  g.settle(at(3));
  CHECK(g.take(at(4), start + 11s));  // nobody else has asked for three seconds
}

TEST_CASE("one whose time was over does not come first, however often it asks") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  for (int i = 0; i < 70; ++i) {
    const auto now = start + 6s + i * 80ms;
    CHECK_FALSE(g.take(at(1), now));
    CHECK(g.take(at(2), now));
  }
}

TEST_CASE("many joiners that never become active are remembered in bounded memory, and a few only wait") {
  joiner_grant g({1, 2});
  for (std::uint16_t i = 0; i < 5000; ++i) (void)g.take(at(static_cast<std::uint16_t>(i + 1)), start + i * 1ms);
  CHECK(g.take(at(9999), start + 20s));
}

TEST_CASE("who holds a grant is known, and who gives one back that it does not hold changes nothing") {
  joiner_grant g({1, 2});
  CHECK_FALSE(g.holder().has_value());
  CHECK_FALSE(g.expire(start).has_value());
  CHECK(g.take(at(1), start));
  CHECK(g.holder() == at(1));
  g.settle(at(2));
  CHECK_FALSE(g.release(at(2)));
  CHECK(g.holder() == at(1));
  CHECK_FALSE(g.expire(start + joiner_grant::window - 1ns).has_value());
  CHECK(g.expire(start + joiner_grant::window) == at(1));
  CHECK_FALSE(g.holder().has_value());
}

TEST_CASE("who asks while the queue is full comes in no order, and who stops asking loses its place") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  for (std::uint16_t i = 0; i < joiner_grant::waiting_max; ++i) CHECK_FALSE(g.take(at(static_cast<std::uint16_t>(100 + i)), start));
  CHECK_FALSE(g.take(at(2), start));
  CHECK(g.release(at(1)));
  CHECK(g.busy_for(at(2), start + 1s));
  CHECK_FALSE(g.busy_for(at(100), start + 1s));
  CHECK(g.busy_for(at(101), start + 1s));
  CHECK_FALSE(g.take(at(101), start + 1s));  // it still asks
  CHECK_FALSE(g.busy_for(at(101), start + joiner_grant::patience));
  CHECK(g.busy_for(at(2), start + joiner_grant::patience));
  CHECK_FALSE(g.busy_for(at(2), start + 1s + joiner_grant::patience));
}

TEST_CASE("who asked while the queue was full is in none, when those in it have gone") {
  joiner_grant g({1, 2});
  const auto waiting = [](std::size_t i) { return at(static_cast<std::uint16_t>(100 + i)); };
  CHECK(g.take(at(1), start));
  for (std::size_t i = 0; i < joiner_grant::waiting_max; ++i) CHECK_FALSE(g.take(waiting(i), start));
  CHECK_FALSE(g.take(at(2), start));
  g.settle(at(1));
  for (std::size_t i = 0; i < joiner_grant::waiting_max; ++i) g.release(waiting(i));
  CHECK_FALSE(g.busy_for(at(3), start + 1s));
}

}  // namespace joiner_grant_test
