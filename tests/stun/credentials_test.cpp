#include "phyllo/stun/credentials.hpp"

#include <doctest.h>

namespace stun_credentials_test {

using namespace phyllo;

namespace {

constexpr const char* matrix = "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9";

}  // namespace

TEST_CASE("RFC 5769 s.2.4's and RFC 8489 B.1's user has these keys and this hash") {
  CHECK(core::to_hex(stun::make_long_term_key(stun::password_algorithm::md5, matrix, "example.org", "TheMatrIX").octets()) ==
        "e8ca7ad59d5eb0518e312911d2dab2a9");
  CHECK(core::to_hex(stun::make_long_term_key(stun::password_algorithm::sha256, matrix, "example.org", "TheMatrIX").octets()) ==
        "dd295a613b9058c3c23d6dc7165bda072304d989c9d0af3a8c7e184b4f9bb4a1");
  CHECK(core::to_hex(stun::hash_of_user(matrix, "example.org")) == "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704");
}

TEST_CASE("RFC 8489 s.9.2.2's example: user, realm and pass") {
  CHECK(core::to_hex(stun::make_long_term_key(stun::password_algorithm::md5, "user", "realm", "pass").octets()) ==
        "8493fbc53ba582fb4c044c456bdc40eb");
}

TEST_CASE("text that would have to be prepared is refused rather than taken as it is") {
  CHECK(stun::opaque_string("TheMatrIX") == "TheMatrIX");
  CHECK(stun::opaque_string("pass word ~!") == "pass word ~!");
  for (const auto* text : {"", "tab\t", "line\n", "M\xc2\xaatrix", "\x7f"}) CHECK_FALSE(stun::opaque_string(text).has_value());
}

}  // namespace stun_credentials_test
