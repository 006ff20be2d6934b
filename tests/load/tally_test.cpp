#include "tally.hpp"

#include <doctest.h>

#include <memory>

namespace tally_test {

using namespace phyllo::load;
using namespace std::chrono_literals;

TEST_CASE("failures count by their reason, and merge by it") {
  const auto a = std::make_unique<tally>(std::vector<std::string>{"set-up"}),
             b = std::make_unique<tally>(std::vector<std::string>{"set-up"});
  a->fail("408");
  b->fail("408");
  b->fail("486");
  b->succeeded = 1;
  b->parts[0].values.record(3ms);
  a->merge(*b);
  CHECK(a->failed == 3);
  REQUIRE(a->failures.size() == 2);
  CHECK(a->failures[0].count == 2);
  CHECK(a->failed_share() == doctest::Approx(0.75));
  CHECK(a->parts[0].values.count() == 1);
}

TEST_CASE("reasons that a server makes up are bounded, and none is lost") {
  const auto t = std::make_unique<tally>();
  for (int i = 0; i < 1000; ++i) t->fail(std::to_string(i));
  CHECK(t->failures.size() <= tally::reasons_max + 1);
  std::uint64_t sum = 0;
  for (const auto& f : t->failures) sum += f.count;
  CHECK(sum == 1000);
  CHECK(t->failed == 1000);
}

TEST_CASE("cleared, it knows its parts and nothing else") {
  const auto t = std::make_unique<tally>(std::vector<std::string>{"set-up"});
  t->fail("x");
  t->parts[0].values.record(1ms);
  t->clear();
  CHECK(t->failed == 0);
  CHECK(t->failures.empty());
  REQUIRE(t->parts.size() == 1);
  CHECK(t->parts[0].values.count() == 0);
}

}  // namespace tally_test
