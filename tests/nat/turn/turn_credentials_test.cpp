#include "phyllo/nat/turn_credentials.hpp"

#include <doctest.h>

namespace turn_credentials_test {

using namespace phyllo;

TEST_CASE("a shared secret makes passwords that expire with their user's name") {
  const nat::shared_secret_credentials c("north");
  // printf '1700000000:alice' | openssl dgst -sha1 -hmac north -binary | base64
  CHECK(c.password_of("1700000000:alice") == "Cd/49soE35ICqcJF/bCTn8Z4OyE=");
  const auto before = core::from_unix_milliseconds(1'699'999'999'000);
  const auto after = core::from_unix_milliseconds(1'700'000'000'000);
  const auto key = c.key_of("1700000000:alice", "example.org", stun::password_algorithm::md5, before);
  REQUIRE(key.has_value());
  const auto expected =
      stun::make_long_term_key(stun::password_algorithm::md5, "1700000000:alice", "example.org", c.password_of("1700000000:alice"));
  CHECK(core::equal(key->octets(), expected.octets()));
  CHECK(c.key_of("1700000000", "example.org", stun::password_algorithm::sha256, before).has_value());
  CHECK_FALSE(c.key_of("1700000000:alice", "example.org", stun::password_algorithm::md5, after).has_value());
  for (const auto* name : {"", "alice", "17000x:alice", ":alice", "99999999999999999999999:a"})
    CHECK_FALSE(c.key_of(name, "example.org", stun::password_algorithm::md5, before).has_value());
  CHECK_FALSE(nat::shared_secret_credentials("").key_of("1700000000:alice", "r", stun::password_algorithm::md5, before).has_value());
}

}  // namespace turn_credentials_test
