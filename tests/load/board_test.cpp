#include "board.hpp"

#include <doctest.h>

#include <memory>

namespace board_test {

using namespace phyllo::load;

namespace {

tally done(std::uint64_t n) {
  tally t;
  t.succeeded = n;
  return t;
}

}  // namespace

TEST_CASE("a second is shown when every thread has told it") {
  board b(2);
  b.tell(0, done(1));
  CHECK(b.rows().empty());
  b.tell(1, done(5));
  b.tell(0, done(2));
  REQUIRE(b.rows().size() == 1);
  CHECK(b.rows()[0].succeeded == 3);
}

TEST_CASE("what only some threads told counts in the end") {
  board b(2);
  b.tell(0, done(1));
  b.tell(0, done(2));
  b.tell(1, done(4));
  b.close();
  CHECK(b.total().succeeded == 7);
  CHECK(b.rows().size() == 2);
}

}  // namespace board_test
