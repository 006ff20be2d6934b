#include "assembly/readiness.hpp"

#include <doctest.h>

namespace readiness_test {

using phyllo::node::readiness;

TEST_CASE("a node that lacks nothing is ready once, and says no more of it") {
  readiness r;
  const auto first = r.see(std::nullopt);
  CHECK(first.ready);
  CHECK_FALSE(first.lacking);
  CHECK(first.to_tell);
  const auto again = r.see(std::nullopt);
  CHECK_FALSE(again.ready);
  CHECK_FALSE(again.to_tell);
}

TEST_CASE("what a node lacks is said once for each reason") {
  readiness r;
  const auto first = r.see("a key");
  CHECK(first.lacking);
  CHECK(first.to_tell);
  CHECK_FALSE(first.ready);
  const auto again = r.see("a key");
  CHECK_FALSE(again.lacking);
  CHECK_FALSE(again.to_tell);
  const auto other = r.see("authority");
  CHECK(other.lacking);
  CHECK(other.to_tell);
}

TEST_CASE("a node may stop being ready, and become so again") {
  readiness r;
  (void)r.see(std::nullopt);
  const auto lost = r.see("a key");
  CHECK(lost.lacking);
  CHECK(lost.to_tell);
  const auto back = r.see(std::nullopt);
  CHECK(back.ready);
  CHECK(back.to_tell);
}

}  // namespace readiness_test
