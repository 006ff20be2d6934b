#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/errc.hpp"

namespace credential_record_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

const digest_secret both{identity::sha256_hex("alice:example.com:pw"), identity::md5_hex("alice:example.com:pw"),
                         identity::sha256_hex("alice@example.com:example.com:pw"), identity::md5_hex("alice@example.com:example.com:pw")};

identity::domain_keyring keyring(const std::string& domain = "example.com", std::uint32_t generation = 1) {
  identity::domain_keyring ring;
  ring.add(domain, generation, identity::generate_seal_key());
  return ring;
}

std::string sealed_text(const identity::domain_keyring& keys, const std::string& plain) {
  const auto context = core::to_bytes("phyllo credential:alice@example.com");
  return "1:" + core::to_base64(identity::seal(keys.find("example.com", 1)->public_key, context, core::as_bytes(plain)).value());
}

}  // namespace

TEST_CASE("a user's HA1s travel sealed to his domain's key, with MD5's or without") {
  const auto keys = keyring();
  const auto text = seal_secret(keys, "alice@example.com", both).value();
  CHECK(text.find(both.sha256) == std::string::npos);
  CHECK(text.size() < 440);
  const auto opened = open_secret(keys, "alice@example.com", text).value();
  CHECK(opened.sha256 == both.sha256);
  CHECK(opened.md5 == both.md5);
  CHECK(opened.sha256_whole == both.sha256_whole);
  CHECK(opened.md5_whole == both.md5_whole);
  const digest_secret one{both.sha256, "", both.sha256_whole, ""};
  const auto without = open_secret(keys, "alice@example.com", seal_secret(keys, "alice@example.com", one).value()).value();
  CHECK(without.md5.empty());
}

TEST_CASE("who has authority for another domain opens no secret of this one") {
  const auto text = seal_secret(keyring(), "alice@example.com", both).value();
  CHECK(open_secret(keyring("other.org"), "alice@example.com", text).error() == errc::unknown_generation);
  CHECK(open_secret(keyring("example.com"), "alice@example.com", text).error() == identity::errc::not_sealed_for_us);
  CHECK(seal_secret(keyring("other.org"), "alice@example.com", both).error() == errc::unknown_generation);
}

TEST_CASE("a record of another user does not open") {
  const auto keys = keyring();
  const auto text = seal_secret(keys, "alice@example.com", both).value();
  CHECK(open_secret(keys, "bob@example.com", text).error() == identity::errc::not_sealed_for_us);
}

TEST_CASE("a record names the generation it is sealed with, the newest, in use or only announced") {
  auto keys = keyring();
  const auto old = seal_secret(keys, "alice@example.com", both).value();
  auto before = keys;
  keys.add("example.com", 2, identity::generate_seal_key(), core::wall_time::max());
  (void)keys.use_at(core::from_unix_milliseconds(1'000'000));
  const auto text = seal_secret(keys, "alice@example.com", both).value();
  CHECK(sealed_generation(text).value() == 2);
  CHECK(open_secret(keys, "alice@example.com", text));
  CHECK(open_secret(keys, "alice@example.com", old));
  CHECK(open_secret(before, "alice@example.com", text).error() == errc::unknown_generation);
}

TEST_CASE("noise in a credential record is an error, sealed or not") {
  const auto keys = keyring();
  for (const auto* text : {"", "*", "1", ":", "0:AAAA", "-1:AAAA", "1x:AAAA", "4294967296:AAAA", "1:*"})
    CHECK(open_secret(keys, "alice@example.com", text).error() == core::errc::malformed);
  CHECK(open_secret(keys, "alice@example.com", "1:").error() == identity::errc::not_sealed_for_us);
  for (const auto& plain :
       {std::string(), std::string(":"), std::string(64, 'z') + ":", both.sha256, both.sha256 + ":abc", both.sha256.substr(1) + ":",
        both.sha256 + "::" + both.sha256 + ":" + both.sha256, both.sha256 + ":::", both.sha256 + "::" + both.sha256 + "::"}) {
    CHECK(open_secret(keys, "alice@example.com", sealed_text(keys, plain)).error() == core::errc::malformed);
  }
}

}  // namespace credential_record_test
