#include "../../src/enrollment/account_table.hpp"

#include "../../src/enrollment/account_schema.hpp"
#include "../../src/enrollment/password.hpp"
#include "account_database.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace account_table_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

namespace {

struct table_fixture {
  temporary_directory directory;
  std::unique_ptr<database> db = database::open(directory.file("accounts.sqlite")).value();
  account_table table;
  table_fixture() {
    REQUIRE(prepare_account_schema(*db));
    REQUIRE(table.prepare(*db));
  }
};

}  // namespace

TEST_CASE_FIXTURE(table_fixture, "what is stored of an account comes back, and of another there is nothing") {
  const auto p = prepared("alice@example.com", "pw", {"a.example", "b.example"});
  REQUIRE(table.add(p, false, 3));
  CHECK(table.exists("alice@example.com").value());
  CHECK(table.domains_of("alice@example.com").value() == p.domains);
  const auto secret = table.secret("alice@example.com").value();
  CHECK(secret.sha256 == p.secret.sha256);
  CHECK(secret.md5 == p.secret.md5);
  CHECK(secret.sha256_whole == p.secret.sha256_whole);
  CHECK(secret.md5_whole == p.secret.md5_whole);
  const auto check = table.check_for("alice@example.com", 9).value();
  CHECK(check.salt == p.salt);
  CHECK(check.verifier == p.verifier);
  CHECK(check.scrypt_log2_n == p.scrypt_log2_n);
  REQUIRE(check.known);
  CHECK(check.known->changed == 3);
  CHECK_FALSE(table.exists("bob@example.com").value());
  CHECK(table.domains_of("bob@example.com").error() == errc::no_such_account);
  CHECK(table.secret("bob@example.com").error() == errc::no_such_account);
}

TEST_CASE_FIXTURE(table_fixture, "checking an unknown user costs what a known one does, and can never be right") {
  const auto check = table.check_for("bob@example.com", 4).value();
  CHECK_FALSE(check.known);
  CHECK(check.scrypt_log2_n == 4);
  CHECK(check.salt.size() == salt_bytes);
  CHECK(check.verifier.size() == verifier_bytes);
}

TEST_CASE_FIXTURE(table_fixture, "an account is not added twice unless it is to replace") {
  REQUIRE(table.add(prepared("alice@example.com", "one"), false, 1));
  CHECK(table.add(prepared("alice@example.com", "two"), false, 2).error() == errc::database);
  REQUIRE(table.add(prepared("alice@example.com", "two"), true, 2));
  CHECK(table.list().value().size() == 1);
  CHECK(table.list().value()[0].changed == 2);
}

TEST_CASE_FIXTURE(table_fixture, "accounts are listed by user, and those changed since by their change") {
  REQUIRE(table.add(prepared("carol@example.com", "pw"), false, 1));
  REQUIRE(table.add(prepared("alice@example.com", "pw"), false, 2));
  REQUIRE(table.add(prepared("bob@example.com", "pw"), false, 2));
  const auto users = [](const core::result<std::vector<account>>& all) {
    std::string out;
    for (const auto& a : all.value()) out += a.user.substr(0, 1);
    return out;
  };
  CHECK(users(table.list()) == "abc");
  CHECK(users(table.changed_since(0)) == "cab");
  CHECK(users(table.changed_since(1)) == "ab");
  CHECK(users(table.changed_since(2)).empty());
  REQUIRE(table.set_domains("carol@example.com", {"x.example"}, 5));
  CHECK(users(table.changed_since(2)) == "c");
  REQUIRE(table.remove("alice@example.com"));
  CHECK(users(table.list()) == "bc");
}

TEST_CASE_FIXTURE(table_fixture, "a raised cost is stored unless the password was changed meanwhile, and is no change of the account") {
  REQUIRE(table.add(prepared("alice@example.com", "one"), false, 1));
  const auto checked = table.check_for("alice@example.com", 9).value();
  REQUIRE(table.raise_cost("alice@example.com", checked, {core::bytes(16, 1), core::bytes(32, 2), 7}));
  CHECK(table.check_for("alice@example.com", 9)->scrypt_log2_n == 7);
  CHECK(table.check_for("alice@example.com", 9)->known->changed == 1);
  REQUIRE(table.raise_cost("alice@example.com", checked, {core::bytes(16, 1), core::bytes(32, 3), 8}));  // of what is no more
  CHECK(table.check_for("alice@example.com", 9)->scrypt_log2_n == 7);
}

TEST_CASE_FIXTURE(table_fixture, "a Node-ID has its owner, with what he is entitled to now") {
  REQUIRE(table.add(prepared("op@example.com", "pw", {"a.example"}), false, 1));
  const auto id = identity::node_id::from_bytes(core::bytes(16, 7)).value();
  CHECK(table.owner_of(id).error() == errc::no_such_account);
  REQUIRE(db->execute("INSERT INTO node VALUES ('op@example.com', 'host1', x'07070707070707070707070707070707', 0, 0, 0)"));
  CHECK(table.owner_of(id)->device == "host1");
  CHECK(table.owner_of(id)->account.domains == std::vector<std::string>{"a.example"});
  REQUIRE(table.set_domains("op@example.com", {}, 2));
  CHECK(table.owner_of(id)->account.domains.empty());
}

TEST_CASE_FIXTURE(table_fixture, "the number of the latest change rises by one as it is counted") {
  CHECK(table.latest_change().value() == 0);
  CHECK(table.next_change().value() == 1);
  CHECK(table.next_change().value() == 2);
  CHECK(table.latest_change().value() == 2);
}

TEST_CASE_FIXTURE(table_fixture, "domains that are no list, as another program may have written them, are none") {
  REQUIRE(table.add(prepared("alice@example.com", "pw", {"a.example"}), false, 1));
  REQUIRE(db->execute("UPDATE account SET domains = 'noise'"));
  CHECK(table.domains_of("alice@example.com").value().empty());
  REQUIRE(db->execute("UPDATE account SET domains = '[1, \"b.example\"]'"));
  CHECK(table.domains_of("alice@example.com").value() == std::vector<std::string>{"b.example"});
}

}  // namespace account_table_test
