#include "reload/token_bucket.hpp"

#include <doctest.h>

namespace token_bucket_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("a token bucket allows its burst, then its rate") {
  token_bucket b(10, 3);
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += b.take(start) ? 1 : 0;
  CHECK(taken == 3);
  CHECK_FALSE(b.take(start + 50ms));
  CHECK(b.take(start + 150ms));
}

TEST_CASE("who waits long has no more than a burst, and who is refused loses nothing by asking") {
  token_bucket b(10, 3);
  const auto taken = [&](core::time_point now) {
    int n = 0;
    while (b.take(now)) ++n;  // ends with the tokens
    return n;
  };
  CHECK(taken(start) == 3);
  CHECK(taken(start + 1h) == 3);
  for (auto passed = 10ms; passed < 100ms; passed += 10ms) CHECK_FALSE(b.take(start + 1h + passed));
  CHECK(taken(start + 1h + 105ms) == 1);
}

}  // namespace token_bucket_test
