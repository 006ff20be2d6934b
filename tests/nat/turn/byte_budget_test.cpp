#include "turn/byte_budget.hpp"

#include <doctest.h>

namespace byte_budget_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("a second's worth at most, and what passes of time is given back; 0 is no limit") {
  const core::time_point now{1h};
  nat::byte_budget b(1000);
  CHECK(b.has(1000, now));
  b.take(1000);
  CHECK_FALSE(b.has(1, now));
  CHECK(b.has(500, now + 500ms));
  CHECK_FALSE(b.has(1001, now + 1h));
  nat::byte_budget none(0);
  none.take(1'000'000);
  CHECK(none.has(1'000'000, now));
}

}  // namespace byte_budget_test
