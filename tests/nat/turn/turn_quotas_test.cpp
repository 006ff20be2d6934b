#include "turn/turn_quotas.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_quotas_test {

using namespace turn_bench;

TEST_CASE("users and addresses are counted apart, and what is released is free again") {
  nat::turn_limits l;
  l.allocations = 3;
  l.allocations_of_user = 1;
  l.allocations_of_address = 2;
  nat::turn_quotas q(l, {1, 2});
  const auto here = at("[2001:db8::1]:0").address;
  const auto near = at("[2001:db8::2]:0").address;
  CHECK(q.take("a", here) == 0);
  CHECK(q.take("a", here) == 486);
  CHECK(q.take("b", near) == 0);
  CHECK(q.take("c", near) == 486);  // one /64
  CHECK(q.take("c", at("192.0.2.1:0").address) == 0);
  CHECK(q.take("d", at("192.0.2.2:0").address) == 508);
  q.release("a", here);
  CHECK(q.take("d", near) == 0);
  CHECK(q.taken() == 3);
}

TEST_CASE("bytes: a second's worth at once, then as time passes, of user and of all") {
  nat::turn_limits l;
  l.bytes_per_second = 150;
  l.bytes_per_second_of_user = 100;
  nat::turn_quotas q(l, {1, 2});
  const core::time_point now{1h};
  const auto a = at("192.0.2.1:0").address;
  REQUIRE(q.take("a", a) == 0);
  REQUIRE(q.take("b", a) == 0);
  CHECK(q.carry("a", 100, now));
  CHECK_FALSE(q.carry("a", 1, now));
  CHECK(q.carry("b", 50, now));
  CHECK_FALSE(q.carry("b", 1, now));
  CHECK(q.carry("a", 50, now + 500ms));
}

}  // namespace turn_quotas_test
