#include "storage/seldom_made.hpp"

#include <doctest.h>

namespace seldom_made_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("what is made in no time is made anew each time, and what takes long is kept for fifty times that") {
  overlay::seldom_made<int> of;
  const auto began = core::time_point() + 1h;
  CHECK(of.get(began) == nullptr);
  CHECK(of.keep(1, began, began) == 1);
  CHECK(of.get(began) == nullptr);
  of.keep(2, began, began + 20ms);
  REQUIRE(of.get(began + 20ms) != nullptr);
  CHECK(*of.get(began + 1019ms) == 2);
  CHECK(of.get(began + 1020ms) == nullptr);
}

TEST_CASE("nothing is kept for more than ten seconds") {
  overlay::seldom_made<int> of;
  const auto began = core::time_point() + 1h;
  of.keep(1, began, began + 2s);
  CHECK(of.get(began + 11s) != nullptr);
  CHECK(of.get(began + 12s) == nullptr);
}

}  // namespace seldom_made_test
