#include "phyllo/enrollment/domain_keys.hpp"

#include <doctest.h>

#include "account_database.hpp"

namespace domain_keys_test {

using namespace phyllo;
using testing::account_database;

TEST_CASE_FIXTURE(account_database, "a keyring has the keys of the domains that are named, the first made where there is none") {
  const auto ring = enrollment::keyring_of(*a, {"example.com", "example.org"}).value();
  CHECK(ring.domains() == std::vector<std::string>{"example.com", "example.org"});
  CHECK(ring.generations("example.com") == std::vector<std::uint32_t>{1});
  CHECK(a->domains_with_keys().value().size() == 2);
  CHECK(enrollment::keyring_of(*a, {"example.org", "example.com"}).value() == ring);
  CHECK(enrollment::keyring_of(*a, {"example.com"}).value().domains() == std::vector<std::string>{"example.com"});
  CHECK(enrollment::keyring_of(*a, {}).value().empty());
}

TEST_CASE_FIXTURE(account_database, "a new generation is used when it has been announced to all nodes, and is sealed with at once") {
  (void)enrollment::keyring_of(*a, {"example.com"});
  const auto made = core::from_unix_milliseconds(4'000'000'000'000);
  REQUIRE(a->rotate_domain_key("example.com", made).value() == 2);
  auto ring = enrollment::keyring_of(*a, {"example.com"}).value();
  CHECK(ring.newest("example.com") == 2);
  (void)ring.use_at(made + enrollment::announced_for - std::chrono::seconds(1));
  CHECK(ring.current("example.com") == 1);
  (void)ring.use_at(made + enrollment::announced_for);
  CHECK(ring.current("example.com") == 2);
}

TEST_CASE_FIXTURE(account_database, "a generation that is to be used without delay is") {
  (void)enrollment::keyring_of(*a, {"example.com"});
  REQUIRE(a->rotate_domain_key("example.com", core::wall_time()).value() == 2);
  auto ring = enrollment::keyring_of(*a, {"example.com"}).value();
  (void)ring.use_at(testing::now());
  CHECK(ring.current("example.com") == 2);
}

}  // namespace domain_keys_test
