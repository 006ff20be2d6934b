#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/errc.hpp"

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

const digest_secret both{identity::sha256_hex("alice:example.com:pw"), identity::md5_hex("alice:example.com:pw")};

std::string sealed_text(const identity::seal_key_pair& key, const std::string& plain) {
  return core::to_base64(
      identity::seal(key.public_key, core::as_bytes("phyllo credential:alice@example.com"), core::as_bytes(plain)).value());
}

}  // namespace

TEST_CASE("a user's HA1s travel sealed to the domain key, with MD5's or without") {
  const auto key = identity::generate_seal_key();
  const auto text = seal_secret(key.public_key, "alice@example.com", both).value();
  CHECK(text.find(both.sha256) == std::string::npos);
  CHECK(text.size() < 300);
  const auto opened = open_secret(key, "alice@example.com", text).value();
  CHECK(opened.sha256 == both.sha256);
  CHECK(opened.md5 == both.md5);
  const digest_secret one{both.sha256, ""};
  const auto without = open_secret(key, "alice@example.com", seal_secret(key.public_key, "alice@example.com", one).value()).value();
  CHECK(without.md5.empty());
}

TEST_CASE("a record of another user, or for another domain's key, does not open") {
  const auto key = identity::generate_seal_key();
  const auto text = seal_secret(key.public_key, "alice@example.com", both).value();
  CHECK(open_secret(key, "bob@example.com", text).error() == identity::errc::not_sealed_for_us);
  CHECK(open_secret(identity::generate_seal_key(), "alice@example.com", text).error() == identity::errc::not_sealed_for_us);
}

TEST_CASE("noise in a credential record is an error, sealed or not") {
  const auto key = identity::generate_seal_key();
  CHECK(open_secret(key, "alice@example.com", "*").error() == core::errc::malformed);
  CHECK(open_secret(key, "alice@example.com", "").error() == identity::errc::not_sealed_for_us);
  for (const auto& plain :
       {std::string(), std::string(":"), std::string(64, 'z') + ":", both.sha256, both.sha256 + ":abc", both.sha256.substr(1) + ":"}) {
    CHECK(open_secret(key, "alice@example.com", sealed_text(key, plain)).error() == core::errc::malformed);
  }
}
