#include "../../src/enrollment/prepared_account.hpp"

#include "account_database.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/digest.hpp"

namespace prepared_account_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

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

TEST_CASE("domains of an account stand once each, in order") {
  std::vector<std::string> domains{"b.example", "a.example", "b.example"};
  CHECK(tidy_authority(domains));
  CHECK(domains == std::vector<std::string>{"a.example", "b.example"});
  domains = {"a.example", "no domain"};
  CHECK(tidy_authority(domains).error() == core::errc::invalid);
}

TEST_CASE("phones whose username is the whole address have a secret, too") {
  const auto p = prepared("alice@example.com", "pw");
  CHECK(p.secret.sha256_whole == identity::sha256_hex("alice@example.com:example.com:pw"));
  CHECK(p.secret.md5_whole == identity::md5_hex("alice@example.com:example.com:pw"));
}

TEST_CASE("a password is right for an account that there is only") {
  const auto p = prepared("alice@example.com", "pw");
  CHECK(right_password({p.salt, p.verifier, p.scrypt_log2_n, enrollment::account{}}, "pw"));
  CHECK_FALSE(right_password({p.salt, p.verifier, p.scrypt_log2_n, std::nullopt}, "pw"));
  CHECK_FALSE(right_password({p.salt, {}, p.scrypt_log2_n, enrollment::account{}}, "pw"));
  CHECK_FALSE(right_password({p.salt, p.verifier, 99, enrollment::account{}}, "pw"));
}

}  // namespace prepared_account_test
