#include "turn/permission_table.hpp"

#include <doctest.h>

#include <array>

#include "turn/turn_bench.hpp"

namespace permission_table_test {

using namespace turn_bench;

TEST_CASE("permissions are of addresses, last 300 seconds, and come all or not at all") {
  const core::time_point now{1h};
  nat::permission_table t(2, {1, 2});
  const std::array<core::endpoint, 2> two{at("8.8.8.8:1"), at("8.8.4.4:2")};
  const std::array<core::endpoint, 2> one_new{at("8.8.8.8:9"), at("1.1.1.1:2")};
  CHECK(t.install(two, now));
  CHECK(t.allows(at("8.8.8.8:0").address, now + 299s));
  CHECK_FALSE(t.allows(at("8.8.8.8:0").address, now + 300s));
  CHECK_FALSE(t.install(one_new, now + 299s));
  CHECK_FALSE(t.allows(at("8.8.8.8:0").address, now + 300s));
  CHECK(t.install(one_new, now + 300s));
  CHECK(t.size() == 2);
}

}  // namespace permission_table_test
