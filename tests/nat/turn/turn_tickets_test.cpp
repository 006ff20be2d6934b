#include "turn/turn_tickets.hpp"

#include <doctest.h>

namespace turn_tickets_test {

using namespace phyllo;

TEST_CASE("a ticket says to its maker alone what it is of") {
  const nat::turn_tickets mine({1});
  const nat::turn_tickets others({2});
  const auto t = mine.seal({7, 3});
  CHECK(mine.open(t)->serial == 7);
  CHECK(mine.open(t)->number == 3);
  CHECK(t != mine.seal({7, 4}));
  CHECK_FALSE(others.open(t).has_value());
  CHECK_FALSE(mine.open({}).has_value());
}

}  // namespace turn_tickets_test
