#include "../../src/enrollment/resealing.hpp"

#include <doctest.h>

#include "phyllo/enrollment/domain_keys.hpp"

namespace resealing_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const core::wall_time start = core::from_unix_milliseconds(1'700'000'000'000);
const std::string domain = "example.com";

enrollment::domain_key generation(std::uint32_t number, core::wall_time made) { return {domain, number, {}, made}; }

struct fixture {
  enrollment::resealing plan{24h};

  void seal_all(std::uint32_t number) {
    plan.sealing(domain, {"alice@example.com", "bob@example.com"});
    plan.sealed(domain, "alice@example.com", number);
    plan.sealed(domain, "bob@example.com", number);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a domain with one generation needs nothing") {
  plan.learn(domain, {generation(1, {})});
  CHECK_FALSE(plan.due(start).has_value());
  CHECK_FALSE(plan.forgettable(start).has_value());
}

TEST_CASE_FIXTURE(fixture, "records are sealed anew once every node has had time to ask for the new generation") {
  plan.learn(domain, {generation(1, {}), generation(2, start)});
  CHECK_FALSE(plan.due(start + enrollment::announced_for - 1s).has_value());
  CHECK(plan.due(start + enrollment::announced_for) == domain);
  plan.sealing(domain, {"alice@example.com"});
  CHECK_FALSE(plan.due(start + 1h).has_value());
}

TEST_CASE_FIXTURE(fixture, "older generations are forgotten when all records are sealed anew and the overlap is over, not before") {
  plan.learn(domain, {generation(1, {}), generation(2, start)});
  REQUIRE(plan.due(start + 1h) == domain);
  plan.sealing(domain, {"alice@example.com", "bob@example.com"});
  plan.sealed(domain, "alice@example.com", 2);
  CHECK_FALSE(plan.forgettable(start + 48h).has_value());
  plan.sealed(domain, "bob@example.com", 1);  // begun before the rotation
  CHECK_FALSE(plan.forgettable(start + 48h).has_value());
  plan.sealed(domain, "bob@example.com", 2);
  CHECK_FALSE(plan.forgettable(start + 24h - 1s).has_value());
  CHECK(plan.forgettable(start + 24h) == std::pair{domain, std::uint32_t{2}});
}

TEST_CASE_FIXTURE(fixture, "a rotation while records are sealed begins anew, and what is old enough is forgotten meanwhile") {
  plan.learn(domain, {generation(1, {}), generation(2, start)});
  seal_all(2);
  plan.learn(domain, {generation(1, {}), generation(2, start), generation(3, start + 23h)});
  CHECK(plan.forgettable(start + 24h) == std::pair{domain, std::uint32_t{2}});
  plan.learn(domain, {generation(2, start), generation(3, start + 23h)});
  CHECK_FALSE(plan.forgettable(start + 24h).has_value());
  CHECK(plan.due(start + 24h) == domain);
  seal_all(3);
  CHECK(plan.forgettable(start + 47h) == std::pair{domain, std::uint32_t{3}});
}

TEST_CASE_FIXTURE(fixture, "one that is made to be used without delay waits for nobody") {
  plan.learn(domain, {generation(1, {}), generation(2, {})});
  REQUIRE(plan.due(start) == domain);
  plan.sealing(domain, {});
  CHECK(plan.forgettable(start) == std::pair{domain, std::uint32_t{2}});
}

}  // namespace resealing_test
