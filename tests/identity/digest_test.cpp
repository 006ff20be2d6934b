#include "phyllo/identity/digest.hpp"

#include <doctest.h>

namespace digest_test {

using namespace phyllo;
using namespace phyllo::identity;

TEST_CASE("SHA-256 of abc is FIPS 180-4's, in one part or several") {
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(core::to_hex(sha256(core::as_bytes("abc"))) == expected);
  CHECK(core::to_hex(sha256({core::as_bytes("a"), core::as_bytes(""), core::as_bytes("bc")})) == expected);
  CHECK(sha256_hex("abc") == expected);
}

TEST_CASE("SHA-1 of abc is FIPS 180-4's") {
  CHECK(core::to_hex(sha1(core::as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("MD5 of abc is RFC 1321's") { CHECK(md5_hex("abc") == "900150983cd24fb0d6963f7d28e17f72"); }

TEST_CASE("HA1 of RFC 7616's example comes out for both algorithms") {
  // RFC 7616 s.3.9.1: user Mufasa, realm http-auth@example.org, password "Circle of Life"
  CHECK(md5_hex("Mufasa:http-auth@example.org:Circle of Life") == "3d78807defe7de2157e2b0b6573a855f");
  CHECK(sha256_hex("Mufasa:http-auth@example.org:Circle of Life") == "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
}

TEST_CASE("HMAC-SHA-256 is RFC 4231's in test case 2") {
  const auto mac = hmac_sha256(core::as_bytes("Jefe"), core::as_bytes("what do ya want for nothing?"));
  CHECK(core::to_hex(mac) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("the constant-time comparison tells equal from unequal and from shorter") {
  CHECK(constant_time_equal(core::as_bytes("secret"), core::as_bytes("secret")));
  CHECK_FALSE(constant_time_equal(core::as_bytes("secret"), core::as_bytes("secreT")));
  CHECK_FALSE(constant_time_equal(core::as_bytes("secret"), core::as_bytes("secre")));
  CHECK(constant_time_equal({}, {}));
}

TEST_CASE("the ring's hash is the first 16 bytes of SHA-256") {
  CHECK(ring_hash(core::as_bytes("abc")).hex() == "ba7816bf8f01cfea414140de5dae2223");
}

}  // namespace digest_test
