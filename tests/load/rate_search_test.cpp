#include "rate_search.hpp"

#include <doctest.h>

namespace rate_search_test {

using phyllo::load::rate_search;

namespace {

// A server that bears `capacity` a second.
double found(double capacity, double first, double most = 1e6, int* tries = nullptr) {
  rate_search s(first, 0.02, most);
  int n = 0;
  for (; s.next() && n < 100; ++n) s.tell(*s.next() <= capacity);
  if (tries != nullptr) *tries = n;
  return s.best();
}

}  // namespace

TEST_CASE("the highest clean rate is found to the precision, from below and from above") {
  for (const double capacity : {150.0, 990.0, 1000.0, 54'321.0}) {
    for (const double first : {100.0, 5000.0}) {
      const auto best = found(capacity, first);
      CAPTURE(capacity);
      CAPTURE(first);
      CHECK(best <= capacity);
      CHECK(best >= 0.97 * capacity);
    }
  }
}

TEST_CASE("a server that bears nothing ends the search with nothing") {
  int tries = 0;
  CHECK(found(0, 1000, 1e6, &tries) == 0);
  CHECK(tries < 20);
}

TEST_CASE("no rate above the most is tried, and the most is found where the server bears it") {
  int tries = 0;
  CHECK(found(1e9, 100, 5000, &tries) == 5000);
  CHECK(tries < 10);
}

}  // namespace rate_search_test
