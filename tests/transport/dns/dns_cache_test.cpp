#include "transport/dns/dns_cache.hpp"

#include <doctest.h>

namespace dns_cache_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("the cache of answers is bounded") {
  transport::dns_cache<int> c(10, {1, 2});
  const core::time_point now{1h};
  for (int i = 0; i < 1000; ++i) c.put(std::to_string(i), i, now + 1h, now);
  CHECK(c.size() == 10);
  REQUIRE(c.find("999", now) != nullptr);
  CHECK(*c.find("999", now) == 999);
  CHECK(c.find("999", now + 1h) == nullptr);
}

TEST_CASE("an answer that holds for no time is not kept, and a newer one replaces an older") {
  transport::dns_cache<int> c(10, {1, 2});
  const core::time_point now{1h};
  c.put("a", 1, now, now);
  CHECK(c.size() == 0);
  c.put("a", 1, now + 1s, now);
  c.put("a", 2, now + 2s, now);
  CHECK(c.size() == 1);
  REQUIRE(c.find("a", now + 2s - 1ns) != nullptr);
  CHECK(*c.find("a", now) == 2);
  CHECK(c.find("a", now + 2s) == nullptr);
  CHECK(c.find("b", now) == nullptr);
}

TEST_CASE("what is asked for stays while others come and go") {
  transport::dns_cache<int> c(10, {1, 2});
  const core::time_point now{1h};
  c.put("used", 7, now + 1h, now);
  for (int i = 0; i < 1000; ++i) {
    c.put(std::to_string(i), i, now + 1h, now);
    REQUIRE(c.find("used", now) != nullptr);
  }
  CHECK(c.size() == 10);
}

}  // namespace dns_cache_test
