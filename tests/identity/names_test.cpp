#include "phyllo/identity/names.hpp"

#include <doctest.h>

namespace names_test {

using namespace phyllo::identity;

TEST_CASE("a domain is made of lower-case labels") {
  CHECK(valid_domain("example.com"));
  CHECK(valid_domain("localhost"));
  CHECK(valid_domain("127.0.1.1"));
  CHECK(valid_domain("a-b.xn--9ca.org"));
  CHECK(valid_domain(std::string(63, 'a') + ".com"));
  for (const char* bad : {"", ".", "a..b", ".com", "com.", "-a.com", "a-.com", "Example.com", "a b", "a_b", "a:1", "[::1]"}) {
    CHECK_FALSE(valid_domain(bad));
  }
  CHECK_FALSE(valid_domain(std::string(64, 'a') + ".com"));
  CHECK_FALSE(valid_domain(std::string(254, 'a')));
}

TEST_CASE("a user is a SIP user part, one at sign and a domain") {
  CHECK(valid_user("alice@example.com"));
  CHECK(valid_user("Alice.B+1_(x)@example.com"));
  for (const char* bad :
       {"", "alice", "@example.com", "alice@", "a@b@c", "a:b@c", "a\"b@c", "a%41@c", "a b@c", "\xc3\xa4@c", "alice@Example.com"}) {
    CHECK_FALSE(valid_user(bad));
  }
  CHECK_FALSE(valid_user(std::string("ali\0ce@c", 8)));
  CHECK_FALSE(valid_user(std::string(65, 'a') + "@c"));
}

TEST_CASE("only the domain of a user loses its capitals") {
  CHECK(canonical_user("Alice@Example.COM") == "Alice@example.com");
  CHECK(canonical_user("Alice") == "Alice");
}

TEST_CASE("an overlay's name fits into a URI and into XML") {
  CHECK(valid_overlay_name("ring.example.com"));
  CHECK(valid_overlay_name("Ring-1"));
  for (const char* bad : {"", "a b", "a/b", "a@b", "a\"b", "a<b", "a&b", "\xc3\xa4"}) CHECK_FALSE(valid_overlay_name(bad));
}

}  // namespace names_test
