#include "phyllo/enrollment/accounts.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "execute.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/identity/revocation.hpp"
#include "support/temporary_directory.hpp"

namespace accounts_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using testing::temporary_directory;

namespace {

core::wall_time now() { return std::chrono::time_point_cast<core::wall_time::duration>(std::chrono::system_clock::now()); }

const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = true};

prepared_account prepared(const std::string& user, const std::string& password, std::vector<std::string> domains = {}) {
  return prepare_account(user, password, std::move(domains), quick).value();
}

const core::wall_time start = core::from_unix_milliseconds(1'767'225'600'000);
constexpr auto day = std::chrono::hours(24);

// For a certificate of a day, asked for `after` the start.
core::result<identity::node_id> node_id(accounts& a, const std::string& user, const std::string& device, bool peer = false,
                                        core::wall_time::duration after = {}) {
  return a.node_id_for({user, device, peer, start + after, start + after + day}, {});
}

struct fixture {
  temporary_directory directory;
  std::unique_ptr<accounts> a = open();
  [[nodiscard]] std::unique_ptr<accounts> open() const { return accounts::open(directory.file("accounts.sqlite")).value(); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an added account authenticates with its password and no other") {
  REQUIRE(a->add(prepared("alice@example.com", "pw", {"example.com"}), false));
  const auto account = a->authenticate("alice@example.com", "pw");
  REQUIRE(account);
  CHECK(account->user == "alice@example.com");
  CHECK(account->domains == std::vector<std::string>{"example.com"});
  CHECK(a->authenticate("alice@example.com", "PW").error() == errc::failed_authentication);
  CHECK(a->authenticate("alice@example.com", "").error() == errc::failed_authentication);
}

TEST_CASE_FIXTURE(fixture, "authority is given and taken without the password; what is lost is lost at once") {
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

TEST_CASE_FIXTURE(fixture, "an unknown user fails like a wrong password, after the same scrypt") {
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

TEST_CASE_FIXTURE(fixture, "for an unknown user the cost of a new account is paid") {
  CHECK(a->check_for("bob@example.com", 11)->scrypt_log2_n == 11);
}

TEST_CASE_FIXTURE(fixture, "a password's cost is raised without a change of the account, unless the password was changed meanwhile") {
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

TEST_CASE("the verifier is RFC 7914's scrypt, also beyond BoringSSL's default of memory") {
  account_options o = quick;
  for (const unsigned log2_n : {1U, 10U, 15U, 16U}) {
    o.scrypt_log2_n = log2_n;
    const auto p = prepare_account("alice@example.com", "pw", {}, o);
    REQUIRE(p);
    CHECK(p->verifier.size() == 32);
    CHECK(right_password({p->salt, p->verifier, log2_n, account{}}, "pw"));
    CHECK_FALSE(right_password({p->salt, p->verifier, log2_n, account{}}, "pv"));
  }
  o.scrypt_log2_n = 0;
  CHECK(prepare_account("alice@example.com", "pw", {}, o).error() == core::errc::invalid);
  o.scrypt_log2_n = 21;
  CHECK(prepare_account("alice@example.com", "pw", {}, o).error() == core::errc::invalid);
}

TEST_CASE_FIXTURE(fixture, "an account that exists is not added again unless it may be replaced") {
  REQUIRE(a->add(prepared("alice@example.com", "one"), false));
  CHECK(a->add(prepared("alice@example.com", "two"), false).error() == errc::account_exists);
  CHECK(a->authenticate("alice@example.com", "one"));
  REQUIRE(a->add(prepared("alice@example.com", "two"), true));
  CHECK(a->authenticate("alice@example.com", "two"));
  CHECK_FALSE(a->authenticate("alice@example.com", "one"));
}

TEST_CASE("what is no user@domain, and an empty password, make no account") {
  CHECK(prepare_account("alice", "pw", {}, quick).error() == errc::invalid_user);
  CHECK(prepare_account("al:ice@example.com", "pw", {}, quick).error() == errc::invalid_user);
  CHECK(prepare_account("alice@example.com", "pw", {"Example.com"}, quick).error() == core::errc::invalid);
  CHECK(prepare_account("alice@example.com", "", {}, quick).error() == core::errc::invalid);
}

TEST_CASE("an account has authority for no more than its certificates can say") {
  std::vector<std::string> domains;
  for (int i = 0; i < 64; ++i) domains.push_back("d" + std::to_string(i) + ".example.com");
  CHECK(prepare_account("alice@example.com", "pw", domains, quick));
  domains.push_back(domains.front());  // a domain twice is one
  CHECK(prepare_account("alice@example.com", "pw", domains, quick)->domains.size() == 64);
  domains.back() = "one-more.example.com";
  const auto many = prepare_account("alice@example.com", "pw", domains, quick);
  REQUIRE_FALSE(many);
  CHECK(many.error() == core::errc::invalid);
  CHECK(many.error().message().find("authority for 65 domains") != std::string::npos);
  domains.clear();
  const auto label = std::string(60, 'a') + ".";
  for (int i = 0; i < 40; ++i) domains.push_back("d" + std::to_string(i) + "." + label + label + "com");
  const auto wide = prepare_account("alice@example.com", "pw", domains, quick);
  REQUIRE_FALSE(wide);
  CHECK(wide.error().message().find("characters") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a domain's key is made when it is first asked for, and is the same for every process") {
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

TEST_CASE_FIXTURE(fixture, "a key's next generation is another key, and what was before can be forgotten") {
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

TEST_CASE_FIXTURE(fixture, "of a domain no more generations are kept than a keyring holds") {
  (void)a->domain_keys("example.com");
  for (int i = 0; i < 20; ++i) REQUIRE(a->rotate_domain_key("example.com", now()));
  const auto keys = a->domain_keys("example.com").value();
  CHECK(keys.size() == identity::domain_keyring::generations_max);
  CHECK(keys.back().generation == 21);
}

TEST_CASE_FIXTURE(fixture, "whoever had authority for a domain and loses it knows none of its later keys, in whatever way he loses it") {
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

TEST_CASE_FIXTURE(fixture, "a revoked Node-ID rotates the keys of its account's domains, once") {
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

TEST_CASE_FIXTURE(fixture, "a Node-ID's owner is found, as he is now") {
  REQUIRE(a->add(prepared("op@example.com", "pw", {"example.com"}), false));
  const auto id = node_id(*a, "op@example.com", "host1").value();
  CHECK(a->owner_of(id)->account.user == "op@example.com");
  CHECK(a->owner_of(id)->account.domains == std::vector<std::string>{"example.com"});
  REQUIRE(a->remove("op@example.com"));
  CHECK(a->owner_of(id).error() == errc::no_such_account);
}

TEST_CASE("HA1 is of user part, domain and secret, for both algorithms") {
  const auto p = prepared("Alice@Example.com", "pw");
  CHECK(p.user == "Alice@example.com");
  CHECK(p.secret.sha256 == identity::sha256_hex("Alice:example.com:pw"));
  CHECK(p.secret.md5 == identity::md5_hex("Alice:example.com:pw"));
  CHECK(p.sip_password.empty());
}

TEST_CASE("a random SIP secret has 128 bits, is shown, and is not the password") {
  account_options o = quick;
  o.sip_secret = enrollment::sip_secret::random;
  o.md5 = false;
  const auto p = prepare_account("alice@example.com", "pw", {}, o).value();
  CHECK(p.sip_password.size() == 32);
  CHECK(p.sip_password != prepare_account("alice@example.com", "pw", {}, o)->sip_password);
  CHECK(p.secret.sha256 == identity::sha256_hex("alice:example.com:" + p.sip_password));
  CHECK(p.secret.md5.empty());
}

TEST_CASE_FIXTURE(fixture, "the digest secret of an account is stored, of another there is none") {
  const auto p = prepared("alice@example.com", "pw");
  REQUIRE(a->add(p, false));
  CHECK(a->secret("alice@example.com")->sha256 == p.secret.sha256);
  CHECK(a->secret("alice@EXAMPLE.com")->md5 == p.secret.md5);
  CHECK(a->secret("bob@example.com").error() == errc::no_such_account);
}

TEST_CASE_FIXTURE(fixture, "a second connection sees at once what the first changed, by a number that only rises") {
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

TEST_CASE_FIXTURE(fixture, "a failed change leaves no trace, not even in the number") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto before = a->latest_change().value();
  CHECK_FALSE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->remove("bob@example.com").error() == errc::no_such_account);
  CHECK(a->latest_change().value() == before);
}

TEST_CASE_FIXTURE(fixture, "two connections write in turn and lose nothing") {
  const auto b = open();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(a->add(prepared("a" + std::to_string(i) + "@example.com", "pw"), false));
    REQUIRE(b->add(prepared("b" + std::to_string(i) + "@example.com", "pw"), false));
  }
  CHECK(a->list()->size() == 40);
  CHECK(a->latest_change().value() == 40);
}

TEST_CASE_FIXTURE(fixture, "many accounts are added in one change, the known ones replaced") {
  REQUIRE(a->add(prepared("u1@example.com", "old"), false));
  std::vector<prepared_account> all;
  for (int i = 0; i < 100; ++i) all.push_back(prepared("u" + std::to_string(i) + "@example.com", "pw"));
  const auto before = a->latest_change().value();
  REQUIRE(a->add_all(all));
  CHECK(a->latest_change().value() == before + 1);
  CHECK(a->list()->size() == 100);
  CHECK(a->authenticate("u1@example.com", "pw"));
}

TEST_CASE_FIXTURE(fixture, "accounts are listed by user") {
  REQUIRE(a->add(prepared("bob@example.com", "pw"), false));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto all = a->list().value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].user == "alice@example.com");
  CHECK(all[1].user == "bob@example.com");
}

TEST_CASE_FIXTURE(fixture, "a Node-ID is stable per user and device, and differs between them") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->add(prepared("bob@example.com", "pw"), false));
  const auto b = open();
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  CHECK_FALSE(id.reserved());
  CHECK(node_id(*a, "alice@example.com", "phone").value() == id);
  CHECK(node_id(*b, "alice@example.com", "phone").value() == id);
  CHECK(node_id(*a, "alice@example.com", "laptop").value() != id);
  CHECK(node_id(*a, "bob@example.com", "phone").value() != id);
  REQUIRE(a->add(prepared("alice@example.com", "new"), true));
  CHECK(node_id(*a, "alice@example.com", "phone").value() == id);
}

TEST_CASE_FIXTURE(fixture, "who has no account gets no Node-ID, and a removed account's is not given again") {
  CHECK(node_id(*a, "alice@example.com", "phone").error() == errc::no_such_account);
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  REQUIRE(a->remove("alice@example.com"));
  CHECK_FALSE(a->authenticate("alice@example.com", "pw"));
  CHECK(node_id(*a, "alice@example.com", "phone").error() == errc::no_such_account);
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(node_id(*a, "alice@example.com", "phone").value() != id);
}

TEST_CASE_FIXTURE(fixture, "a removed account's certificates are revoked until the last of them has ended, and its withdrawal is noted") {
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

TEST_CASE_FIXTURE(fixture, "another password revokes the certificates of the former one; a new account revokes none") {
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

TEST_CASE_FIXTURE(
    fixture, "authority that is gained makes certificates outdated; authority that is lost revokes them, and they prove whose they are") {
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

TEST_CASE_FIXTURE(fixture, "what was issued for another password proves nothing, whatever happens to the account afterwards") {
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

TEST_CASE_FIXTURE(fixture, "a certificate that is issued right after a revocation is not of it, and one of the moment before is") {
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

TEST_CASE_FIXTURE(fixture, "an account that is made again is not withdrawn any more") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->remove("alice@example.com"));
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  CHECK(a->withdrawals()->empty());
  CHECK(a->revocations(now())->size() == 1);  // of the certificates of before
}

TEST_CASE_FIXTURE(fixture, "a lifetime that is made shorter does not shorten revocations of what was issued before") {
  a.reset();
  a = accounts::open(directory.file("accounts.sqlite"), std::chrono::days(30)).value();
  a.reset();
  a = accounts::open(directory.file("accounts.sqlite"), std::chrono::days(1)).value();
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->remove("alice@example.com"));
  CHECK(a->revocations(now())->at(0).until > now() + std::chrono::days(29));
}

TEST_CASE_FIXTURE(fixture, "a user has one peer and ten devices at a time, and renews them without counting again") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto peer = node_id(*a, "alice@example.com", "server", true).value();
  CHECK(node_id(*a, "alice@example.com", "server2", true).error() == errc::node_ids_not_available);
  for (int i = 0; i < 10; ++i) REQUIRE(node_id(*a, "alice@example.com", "d" + std::to_string(i)));
  CHECK(node_id(*a, "alice@example.com", "one-more").error() == errc::node_ids_not_available);
  CHECK(node_id(*a, "alice@example.com", "d9"));
  CHECK(node_id(*a, "alice@example.com", "server", true).value() == peer);
}

TEST_CASE_FIXTURE(fixture, "what an account gives up comes back no sooner than its certificate ends") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto first = node_id(*a, "alice@example.com", "server", true).value();
  // The device goes on as a client: its certificate as a peer lasts.
  CHECK(node_id(*a, "alice@example.com", "server").value() == first);
  CHECK(node_id(*a, "alice@example.com", "server2", true, day - std::chrono::seconds(1)).error() == errc::node_ids_not_available);
  const auto second = node_id(*a, "alice@example.com", "server2", true, day).value();
  CHECK(second != first);
  CHECK(node_id(*a, "alice@example.com", "server", true, day).error() == errc::node_ids_not_available);
  CHECK(node_id(*a, "alice@example.com", "server", true, 2 * day).value() == first);
}

TEST_CASE_FIXTURE(fixture, "a device does not become a peer past the limit by asking as a client first") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  for (int i = 0; i < 10; ++i) REQUIRE(node_id(*a, "alice@example.com", "d" + std::to_string(i)));
  CHECK(node_id(*a, "alice@example.com", "d0", true));
  for (int i = 1; i < 10; ++i)
    CHECK(node_id(*a, "alice@example.com", "d" + std::to_string(i), true).error() == errc::node_ids_not_available);
}

TEST_CASE_FIXTURE(fixture, "new Node-IDs a day are as many as an account may have, however short its certificates are") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  int given = 0;
  for (int i = 0; i < 100; ++i) {
    const auto now = start + i * std::chrono::minutes(10);
    const node_request q{"alice@example.com", "d" + std::to_string(i), false, now, now + std::chrono::minutes(5)};
    given += a->node_id_for(q, {}) ? 1 : 0;
  }
  CHECK(given == 11);
  CHECK(node_id(*a, "alice@example.com", "tomorrow", false, 2 * day));
}

TEST_CASE_FIXTURE(fixture, "an operator's account may have more peers, which replacing it does not undo and removing does") {
  auto operators = prepared("nodes@example.com", "pw");
  operators.peers = 3;
  REQUIRE(a->add(operators, false));
  CHECK(a->peers_of("nodes@example.com").value() == 3);
  CHECK(a->peers_of("bob@example.com").value() == std::nullopt);
  for (int i = 0; i < 3; ++i) REQUIRE(node_id(*a, "nodes@example.com", "n" + std::to_string(i), true));
  CHECK(node_id(*a, "nodes@example.com", "n3", true).error() == errc::node_ids_not_available);
  REQUIRE(a->add(prepared("nodes@example.com", "new"), true));
  CHECK(a->peers_of("nodes@example.com").value() == 3);
  REQUIRE(a->remove("nodes@example.com"));
  CHECK(a->peers_of("nodes@example.com").value() == std::nullopt);
  operators.peers = 0;
  REQUIRE(a->add(operators, false));
  CHECK(node_id(*a, "nodes@example.com", "n0", true).error() == errc::node_ids_not_available);
}

TEST_CASE_FIXTURE(fixture, "a device has its Node-ID again for thirty days after its last certificate") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  CHECK(node_id(*a, "alice@example.com", "phone", false, 31 * day).value() == id);
  CHECK(node_id(*a, "alice@example.com", "phone", false, 63 * day).value() != id);
}

TEST_CASE_FIXTURE(fixture, "accounts outlive their process and are their owner's alone to read") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  a.reset();
  a = open();
  CHECK(a->authenticate("alice@example.com", "pw"));
  struct stat s{};
  REQUIRE(::stat(directory.file("accounts.sqlite").c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(fixture, "neither the password nor the secret is anywhere in the file") {
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
