#include "../../src/enrollment/revocation_table.hpp"

#include "account_database.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/revocation.hpp"

namespace revocation_table_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

TEST_CASE_FIXTURE(account_database,
                  "a removed account's certificates are revoked until the last of them has ended, and its withdrawal is noted") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->revocations(now())->empty());
  const auto before = now();
  REQUIRE(a->remove("Alice@EXAMPLE.com").error() == errc::no_such_account);  // the local part has a case
  REQUIRE(a->remove("alice@EXAMPLE.com"));
  auto again = accounts::open(directory.file("accounts.sqlite")).value();  // another process, or the same later
  const auto all = again->revocations(now()).value();
  REQUIRE(all.size() == 1);
  CHECK(all[0].user == "alice@example.com");
  CHECK(all[0].before >= identity::revoked_before(before));
  CHECK(all[0].before <= identity::revoked_before(now()));
  CHECK(all[0].until >= before + std::chrono::days(7));
  CHECK(again->revocations(all[0].until)->empty());
  CHECK(again->withdrawals().value() == std::vector<std::string>{"alice@example.com"});
  REQUIRE(again->withdrawn("alice@example.com"));
  CHECK(a->withdrawals()->empty());
}

TEST_CASE_FIXTURE(account_database, "another password revokes the certificates of the former one; a new account revokes none") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->add_all({prepared("bob@example.com", "pw")}));
  CHECK(a->revocations(now())->empty());
  REQUIRE(a->add(prepared("alice@example.com", "new"), true));
  REQUIRE(a->add_all({prepared("bob@example.com", "new"), prepared("carol@example.com", "pw")}));
  CHECK(a->revocations(now())->size() == 2);
  CHECK(a->withdrawals()->empty());
  CHECK(a->revoked_before("ALICE@example.com").value() == 0);
  CHECK(a->revoked_before("alice@EXAMPLE.com").value() != 0);
}

TEST_CASE_FIXTURE(account_database, "what was issued for another password proves nothing, whatever happens to the account afterwards") {
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  REQUIRE(a->add(prepared("op@example.com", "new", {"example.com"}), true));
  const auto from = a->proves_from("op@example.com").value();
  CHECK(from == a->revoked_before("op@example.com").value());
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{}, .peers = {}}));
  CHECK(a->proves_from("op@example.com").value() == from);
  REQUIRE(a->remove("op@example.com"));
  REQUIRE(a->add(prepared("op@example.com", "new"), false));
  CHECK(a->proves_from("op@example.com").value() >= from);
}

TEST_CASE_FIXTURE(account_database, "a certificate that is issued right after a revocation is not of it, and one of the moment before is") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto first = not_before_of(*a, "alice@example.com", now()).value();
  CHECK(first <= now() - identity::certificates_dated_back);
  REQUIRE(a->remove("alice@example.com"));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto before = a->revoked_before("alice@example.com").value();
  const auto issued = [](core::wall_time not_before) {
    return core::unix_milliseconds(not_before + identity::certificates_dated_back) / 1000;
  };
  CHECK(issued(first) < before);
  CHECK(issued(not_before_of(*a, "alice@example.com", now()).value()) >= before);
  REQUIRE(a->change("alice@example.com", {.domains = std::vector<std::string>{"example.com"}, .peers = {}}));
  CHECK(issued(not_before_of(*a, "alice@example.com", now()).value()) >= a->fresh_from("alice@example.com").value());
}

TEST_CASE_FIXTURE(account_database, "an account that is made again is not withdrawn any more") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->remove("alice@example.com"));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->withdrawals()->empty());
  CHECK(a->revocations(now())->size() == 1);  // of the certificates of before
}

TEST_CASE_FIXTURE(account_database, "a lifetime that is made shorter does not shorten revocations of what was issued before") {
  a.reset();
  a = accounts::open(directory.file("accounts.sqlite"), std::chrono::days(30)).value();
  a.reset();
  a = accounts::open(directory.file("accounts.sqlite"), std::chrono::days(1)).value();
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->remove("alice@example.com"));
  CHECK(a->revocations(now())->at(0).until > now() + std::chrono::days(29));
}

TEST_CASE_FIXTURE(
    account_database,
    "authority that is gained makes certificates outdated; authority that is lost revokes them, and they prove whose they are") {
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  CHECK(a->fresh_from("op@example.com").value() == 0);
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{"example.com"}, .peers = {}}));
  CHECK(a->fresh_from("op@example.com").value() == 0);  // nothing is another
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{"example.com", "example.net"}, .peers = {}}));
  const auto gained = a->revocations(now()).value();
  REQUIRE(gained.size() == 1);
  CHECK(gained[0].outdated);
  CHECK(gained[0].before == a->fresh_from("op@EXAMPLE.com").value());
  CHECK(a->revoked_before("op@example.com").value() == 0);
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{"example.net"}, .peers = {}}));
  CHECK(a->revoked_before("op@example.com").value() > 0);
  CHECK(a->proves_from("op@example.com").value() == 0);
  CHECK(a->revocations(now())->size() == 2);
  CHECK(a->revocations(gained[0].until + std::chrono::minutes(1))->empty());
}

}  // namespace revocation_table_test
