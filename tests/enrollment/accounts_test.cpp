#include "phyllo/enrollment/accounts.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "account_database.hpp"
#include "execute.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/identity/revocation.hpp"

namespace accounts_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

TEST_CASE_FIXTURE(account_database, "an added account authenticates with its password and no other") {
  REQUIRE(a->add(prepared("alice@example.com", "pw", {"example.com"}), false));
  const auto account = a->authenticate("alice@example.com", "pw");
  REQUIRE(account);
  CHECK(account->user == "alice@example.com");
  CHECK(account->domains == std::vector<std::string>{"example.com"});
  CHECK(a->authenticate("alice@example.com", "PW").error() == errc::failed_authentication);
  CHECK(a->authenticate("alice@example.com", "").error() == errc::failed_authentication);
}

TEST_CASE_FIXTURE(account_database, "authority is given and taken without the password; what is lost is lost at once") {
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  const auto secret = a->secret("op@example.com").value();
  const auto domain_generation = [&] { return a->domain_keys("example.com").value().back().generation; };
  const auto generation = domain_generation();
  const auto change = a->latest_change().value();
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{"example.net", "example.com"}, .peers = 4}));
  CHECK(a->authenticate("op@example.com", "pw").value().domains == std::vector<std::string>{"example.com", "example.net"});
  CHECK(a->secret("op@example.com").value().sha256 == secret.sha256);
  CHECK(a->peers_of("op@example.com").value() == 4U);
  CHECK(a->latest_change().value() > change);
  CHECK(a->revoked_before("op@example.com").value() == 0);
  CHECK(domain_generation() == generation);
  REQUIRE(a->change("op@example.com", {.domains = std::vector<std::string>{"example.net"}, .peers = {}}));
  CHECK(a->authenticate("op@example.com", "pw").value().domains == std::vector<std::string>{"example.net"});
  CHECK(a->peers_of("op@example.com").value() == 4U);
  CHECK(a->revoked_before("op@example.com").value() > 0);
  CHECK(domain_generation() == generation + 1);
  CHECK(a->change("eve@example.com", {.domains = {}, .peers = 1}).error() == errc::no_such_account);
  CHECK(a->peers_of("eve@example.com").value() == std::nullopt);
  CHECK(a->change("op@example.com", {.domains = std::vector<std::string>(1, "UPPER"), .peers = {}}).error() == core::errc::invalid);
}

TEST_CASE_FIXTURE(account_database, "an unknown user fails like a wrong password, after the same scrypt") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->authenticate("bob@example.com", "pw").error() == errc::failed_authentication);
  const auto known = a->check_for("alice@example.com", 4).value();
  const auto unknown = a->check_for("bob@example.com", 4).value();
  CHECK(known.known);
  CHECK_FALSE(unknown.known);
  CHECK(unknown.scrypt_log2_n == known.scrypt_log2_n);
  CHECK(unknown.salt.size() == known.salt.size());
  CHECK(unknown.verifier.size() == known.verifier.size());
}

TEST_CASE_FIXTURE(account_database, "for an unknown user the cost of a new account is paid") {
  CHECK(a->check_for("bob@example.com", 11)->scrypt_log2_n == 11);
}

TEST_CASE_FIXTURE(account_database,
                  "a password's cost is raised without a change of the account, unless the password was changed meanwhile") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto checked = a->check_for("alice@example.com", 4).value();
  const auto change = a->latest_change().value();
  account_options dearer = quick;
  dearer.scrypt_log2_n = 5;
  const auto anew = prepare_account("alice@example.com", "pw", {}, dearer).value();
  const raised_cost raised{anew.salt, anew.verifier, 5};
  REQUIRE(a->raise_cost("alice@example.com", checked, raised));
  CHECK(a->check_for("alice@example.com", 4)->scrypt_log2_n == 5);
  CHECK(a->latest_change().value() == change);
  CHECK(a->authenticate("alice@example.com", "pw"));
  REQUIRE(a->add(prepared("alice@example.com", "new"), true));
  REQUIRE(a->raise_cost("alice@example.com", checked, raised));
  CHECK(a->authenticate("alice@example.com", "new"));
}

TEST_CASE_FIXTURE(account_database, "an account that exists is not added again unless it may be replaced") {
  REQUIRE(a->add(prepared("alice@example.com", "one"), false));
  CHECK(a->add(prepared("alice@example.com", "two"), false).error() == errc::account_exists);
  CHECK(a->authenticate("alice@example.com", "one"));
  REQUIRE(a->add(prepared("alice@example.com", "two"), true));
  CHECK(a->authenticate("alice@example.com", "two"));
  CHECK_FALSE(a->authenticate("alice@example.com", "one"));
}

TEST_CASE_FIXTURE(account_database, "a Node-ID's owner is found, as he is now") {
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  const auto id = node_id(*a, "op@example.com", "host1").value();
  CHECK(a->owner_of(id)->account.user == "op@example.com");
  CHECK(a->owner_of(id)->account.domains == std::vector<std::string>{"example.com"});
  REQUIRE(a->remove("op@example.com"));
  CHECK(a->owner_of(id).error() == errc::no_such_account);
}

TEST_CASE_FIXTURE(account_database, "the digest secret of an account is stored, of another there is none") {
  const auto p = prepared("alice@example.com", "pw");
  REQUIRE(a->add(p, false));
  CHECK(a->secret("alice@example.com")->sha256 == p.secret.sha256);
  CHECK(a->secret("alice@EXAMPLE.com")->md5 == p.secret.md5);
  CHECK(a->secret("bob@example.com").error() == errc::no_such_account);
}

TEST_CASE_FIXTURE(account_database, "a second connection sees at once what the first changed, by a number that only rises") {
  const auto b = open();
  CHECK(b->latest_change().value() == 0);
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto first = b->latest_change().value();
  CHECK(first > 0);
  REQUIRE(b->changed_since(0)->size() == 1);
  CHECK(b->changed_since(0)->at(0).user == "alice@example.com");
  CHECK(b->changed_since(first)->empty());
  CHECK(b->authenticate("alice@example.com", "pw"));

  REQUIRE(a->add(prepared("bob@example.com", "pw"), false));
  REQUIRE(b->changed_since(first)->size() == 1);
  CHECK(b->changed_since(first)->at(0).user == "bob@example.com");

  REQUIRE(a->add(prepared("alice@example.com", "new"), true));
  CHECK(b->changed_since(first)->size() == 2);
  const auto before_removal = b->latest_change().value();
  REQUIRE(a->remove("alice@example.com"));
  CHECK(b->latest_change().value() > before_removal);
  CHECK(b->list()->size() == 1);
}

TEST_CASE_FIXTURE(account_database, "a failed change leaves no trace, not even in the number") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto before = a->latest_change().value();
  CHECK_FALSE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->remove("bob@example.com").error() == errc::no_such_account);
  CHECK(a->latest_change().value() == before);
}

TEST_CASE_FIXTURE(account_database, "two connections write in turn and lose nothing") {
  const auto b = open();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(a->add(prepared("a" + std::to_string(i) + "@example.com", "pw"), false));
    REQUIRE(b->add(prepared("b" + std::to_string(i) + "@example.com", "pw"), false));
  }
  CHECK(a->list()->size() == 40);
  CHECK(a->latest_change().value() == 40);
}

TEST_CASE_FIXTURE(account_database, "many accounts are added in one change, the known ones replaced") {
  REQUIRE(a->add(prepared("u1@example.com", "old"), false));
  std::vector<prepared_account> all;
  for (int i = 0; i < 100; ++i) all.push_back(prepared("u" + std::to_string(i) + "@example.com", "pw"));
  const auto before = a->latest_change().value();
  REQUIRE(a->add_all(all));
  CHECK(a->latest_change().value() == before + 1);
  CHECK(a->list()->size() == 100);
  CHECK(a->authenticate("u1@example.com", "pw"));
}

TEST_CASE_FIXTURE(account_database, "who has no account gets no Node-ID, and a removed account's is not given again") {
  CHECK(node_id(*a, "alice@example.com", "phone").error() == errc::no_such_account);
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  REQUIRE(a->remove("alice@example.com"));
  CHECK_FALSE(a->authenticate("alice@example.com", "pw"));
  CHECK(node_id(*a, "alice@example.com", "phone").error() == errc::no_such_account);
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(node_id(*a, "alice@example.com", "phone").value() != id);
}

TEST_CASE_FIXTURE(account_database, "accounts outlive their process and are their owner's alone to read") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  a.reset();
  a = open();
  CHECK(a->authenticate("alice@example.com", "pw"));
  struct stat s{};
  REQUIRE(::stat(directory.file("accounts.sqlite").c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(account_database, "neither the password nor the secret is anywhere in the file") {
  account_options o = quick;
  o.sip_secret = enrollment::sip_secret::random;
  const auto p = prepare_account("alice@example.com", "correct horse battery", {}, o).value();
  REQUIRE(a->add(p, false));
  a.reset();
  const auto file = testing::content_of(directory.file("accounts.sqlite"));
  REQUIRE(file.find("alice@example.com") != std::string::npos);
  CHECK(file.find("correct horse") == std::string::npos);
  CHECK(file.find(p.sip_password) == std::string::npos);
}

TEST_CASE("a database that is none, is newer, or lies nowhere is an error that names it") {
  const temporary_directory d;
  const auto nowhere = accounts::open(d.file("no/such/directory/a.sqlite"));
  CHECK(nowhere.error() == errc::database);
  CHECK(nowhere.error().message().find("no/such/directory") != std::string::npos);
  d.write("noise.sqlite", std::string(4096, 'x'));
  CHECK(accounts::open(d.file("noise.sqlite")).error() == errc::database);
  REQUIRE(accounts::open(d.file("newer.sqlite")));
  testing::execute(d.file("newer.sqlite"), "PRAGMA user_version = 1000");
  const auto newer = accounts::open(d.file("newer.sqlite"));
  REQUIRE_FALSE(newer);
  CHECK(newer.error().message().find("newer version of this program") != std::string::npos);
}

}  // namespace accounts_test
