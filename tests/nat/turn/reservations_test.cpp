#include "turn/reservations.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace reservations_test {

using namespace turn_bench;

TEST_CASE("what is held is taken once by its token, or expires") {
  const core::time_point now{1h};
  nat::reservations r;
  r.add({7, 1, now + 30s, "alice", {}});
  r.add({8, 2, now + 31s, "bob", {}});
  CHECK(r.next() == now + 30s);
  CHECK_FALSE(r.take(9, now).has_value());
  CHECK_FALSE(r.take(7, now + 30s).has_value());
  CHECK(r.take(8, now)->relay == 2);
  CHECK_FALSE(r.take(8, now).has_value());
  CHECK_FALSE(r.expired(now + 29s).has_value());
  CHECK(r.expired(now + 30s)->user == "alice");
  CHECK(r.size() == 0);
  CHECK(r.next() == std::nullopt);
}

}  // namespace reservations_test
