#include "phyllo/overlay/name.hpp"

#include <doctest.h>

#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/errc.hpp"

namespace name_test {

using namespace phyllo;
using overlay::name;

TEST_CASE("a name without type is of type data") {
  const auto n = name::parse("alice@example.com");
  REQUIRE(n.has_value());
  CHECK(n->type == "data");
  CHECK(n->subject == "alice@example.com");
  CHECK(n->domain() == "example.com");
}

TEST_CASE("a type may hold spaces, and its colon comes before the user") {
  const auto n = name::parse("user location:alice@example.com");
  REQUIRE(n.has_value());
  CHECK(n->type == "user location");
  CHECK(n->text() == "user location:alice@example.com");
}

TEST_CASE("a subject loses scheme, port, parameters and headers, and its host is in lower case") {
  const auto expected = name::parse("user location:alice@example.com");
  for (const auto* text : {"user location:sip:alice@EXAMPLE.com", "user location:sips:alice@example.com:5061;transport=tcp",
                           "user location:alice@Example.Com?subject=x", "user location:SIP:%61lice@example.com"}) {
    CAPTURE(text);
    const auto n = name::parse(text);
    REQUIRE(n.has_value());
    CHECK(*n == *expected);
    CHECK(n->key() == expected->key());
  }
  CHECK(name::parse("sip:alice@example.com")->type == "data");
  CHECK(name::parse("alice@example.com:5060")->subject == "alice@example.com");
}

TEST_CASE("the user part keeps its case") { CHECK(name::parse("Alice@example.com")->key() != name::parse("alice@example.com")->key()); }

TEST_CASE("a domain needs a type") {
  CHECK(name::parse("proxy location:Example.COM:5060")->subject == "example.com");
  CHECK(name::parse("example.com").error() == overlay::errc::invalid_name);
}

TEST_CASE("an address literal keeps its brackets") {
  CHECK(name::parse("data:alice@[2001:DB8::1]:5060")->subject == "alice@[2001:db8::1]");
}

TEST_CASE("the key is the first half of SHA-256 of the text") {
  const auto n = *name::parse("data:alice@example.com");
  const auto hash = identity::sha256(core::as_bytes("data:alice@example.com"));
  CHECK(core::equal(n.key().octets, core::byte_view(hash).first(16)));
}

TEST_CASE("what is no name is refused") {
  for (const auto* text :
       {"", "@", "@example.com", "alice@", ":alice@example.com", "data:", "data:a%zz@example.com", "data:a%4@example.com",
        "data:a\x01@example.com", "data:a\xff@example.com", "data:alice@exa mple.com", "data:alice@example.com:port", "da\nta:a@b"}) {
    CAPTURE(text);
    CHECK_FALSE(name::parse(text).has_value());
  }
  CHECK_FALSE(name::parse(std::string(300, 't') + ":a@b").has_value());
  CHECK_FALSE(name::parse("data:" + std::string(1100, 'u') + "@b").has_value());
}

}  // namespace name_test
