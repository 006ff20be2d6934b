#include "../../src/enrollment/domain_key_table.hpp"

#include "account_database.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/domain_keyring.hpp"

namespace domain_key_table_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

TEST_CASE_FIXTURE(account_database, "a domain's key is made when it is first asked for, and is the same for every process") {
  CHECK(a->domains_with_keys()->empty());
  const auto first = a->domain_keys("example.com").value();
  REQUIRE(first.size() == 1);
  CHECK(first[0].generation == 1);
  CHECK(first[0].made == core::wall_time());  // nothing waits for it
  const auto b = open();
  CHECK(b->domain_keys("example.com")->at(0).pair.private_key == first[0].pair.private_key);
  CHECK(b->domain_keys("other.org")->at(0).pair.private_key != first[0].pair.private_key);
  CHECK(a->domains_with_keys().value() == std::vector<std::string>{"example.com", "other.org"});
}

TEST_CASE_FIXTURE(account_database, "a key's next generation is another key, and what was before can be forgotten") {
  (void)a->domain_keys("example.com");
  const auto change = a->latest_change().value();
  CHECK(a->rotate_domain_key("example.com", core::from_unix_milliseconds(5000)).value() == 2);
  CHECK(a->latest_change().value() > change);
  auto keys = a->domain_keys("example.com").value();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].pair.private_key != keys[1].pair.private_key);
  CHECK(keys[1].made == core::from_unix_milliseconds(5000));
  REQUIRE(a->forget_domain_keys("example.com", 2));
  keys = a->domain_keys("example.com").value();
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].generation == 2);
}

TEST_CASE_FIXTURE(account_database, "of a domain no more generations are kept than a keyring holds") {
  (void)a->domain_keys("example.com");
  for (int i = 0; i < 20; ++i) REQUIRE(a->rotate_domain_key("example.com", now()));
  const auto keys = a->domain_keys("example.com").value();
  CHECK(keys.size() == identity::domain_keyring::generations_max);
  CHECK(keys.back().generation == 21);
}

TEST_CASE_FIXTURE(account_database,
                  "whoever had authority for a domain and loses it knows none of its later keys, in whatever way he loses it") {
  const auto generation = [&](const char* domain) { return a->domain_keys(domain)->back().generation; };
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com", "other.org"}), false));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->domain_keys("example.com"));
  REQUIRE(a->domain_keys("third.net"));
  REQUIRE(a->remove("alice@example.com"));
  CHECK(generation("example.com") == 1);
  REQUIRE(a->add(prepared("op@example.com", "new", {"example.com"}), true));
  CHECK(generation("example.com") == 2);
  CHECK(generation("other.org") == 1);  // nobody had a key of it before
  REQUIRE(a->rotate_domain_keys_of("op@Example.com"));
  CHECK(generation("example.com") == 3);
  REQUIRE(a->add_all({prepared("op@example.com", "third", {"example.com"})}));
  CHECK(generation("example.com") == 4);
  REQUIRE(a->remove("op@example.com"));
  CHECK(generation("example.com") == 5);
  CHECK(generation("third.net") == 1);
}

TEST_CASE_FIXTURE(account_database, "a revoked Node-ID rotates the keys of its account's domains, once") {
  const auto generation = [&] { return a->domain_keys("example.com")->back().generation; };
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto operators = node_id(*a, "op@example.com", "host1").value();
  const auto alices = node_id(*a, "alice@example.com", "phone").value();
  CHECK(generation() == 1);
  REQUIRE(a->rotate_domain_keys_for({alices, identity::node_id{}}));
  CHECK(generation() == 1);
  const auto change = a->latest_change().value();
  for (int i = 0; i < 3; ++i) REQUIRE(a->rotate_domain_keys_for({alices, operators, identity::node_id{}}));
  CHECK(generation() == 2);
  CHECK(a->latest_change().value() == change + 1);
}

}  // namespace domain_key_table_test
