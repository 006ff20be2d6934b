#include "phyllo/identity/domain_keyring.hpp"

#include <doctest.h>

namespace domain_keyring_test {

using namespace phyllo;

TEST_CASE("a keyring knows the newest generation of each domain, and forgets those before one") {
  identity::domain_keyring ring;
  CHECK(ring.empty());
  CHECK(ring.current("example.com") == 0);
  ring.add("example.com", 1, identity::generate_seal_key());
  ring.add("example.com", 2, identity::generate_seal_key());
  ring.add("other.org", 7, identity::generate_seal_key());
  CHECK(ring.domains() == std::vector<std::string>{"example.com", "other.org"});
  CHECK(ring.current("example.com") == 2);
  CHECK(ring.current("other.org") == 7);
  CHECK(ring.find("example.com", 7) == nullptr);
  ring.forget_before("example.com", 2);
  CHECK(ring.generations("example.com") == std::vector<std::uint32_t>{2});
  ring.forget_before("example.com", 3);
  CHECK(ring.domains() == std::vector<std::string>{"other.org"});
}

TEST_CASE("derived secrets differ by domain, generation and label, and are the same at every node") {
  const auto pair = identity::generate_seal_key();
  identity::domain_keyring here;
  here.add("example.com", 1, pair);
  here.add("example.com", 2, identity::generate_seal_key());
  here.add("other.org", 1, pair);
  identity::domain_keyring there;
  there.add("example.com", 1, pair);
  CHECK(here.derive("example.com", 1, "flow token") == there.derive("example.com", 1, "flow token"));
  CHECK(here.derive("example.com", 1, "flow token") != here.derive("example.com", 1, "nonce"));
  CHECK(here.derive("example.com", 1, "flow token") != here.derive("example.com", 2, "flow token"));
  CHECK(here.derive("example.com", 1, "flow token") != here.derive("other.org", 1, "flow token"));
  CHECK_FALSE(here.derive("example.com", 3, "flow token").has_value());
}

TEST_CASE("a generation that is only announced seals and opens, but nothing else is made with it until its time") {
  const auto now = core::from_unix_milliseconds(1'000'000);
  identity::domain_keyring ring;
  ring.add("example.com", 1, identity::generate_seal_key());
  ring.add("example.com", 2, identity::generate_seal_key(), now + std::chrono::minutes(15));
  CHECK(ring.use_at(now) == now + std::chrono::minutes(15));
  CHECK(ring.current("example.com") == 1);
  CHECK(ring.newest("example.com") == 2);
  CHECK(ring.find("example.com", 2) != nullptr);
  CHECK_FALSE(ring.use_at(now + std::chrono::minutes(15)).has_value());
  CHECK(ring.current("example.com") == 2);
  ring.forget_before("example.com", 2);
  (void)ring.use_at(now);
  CHECK(ring.current("example.com") == 2);  // better than none
}

TEST_CASE("a keyring's text parses to itself, and nothing else does") {
  identity::domain_keyring ring;
  ring.add("example.com", 1, identity::generate_seal_key());
  ring.add("example.com", 2, identity::generate_seal_key(), core::from_unix_milliseconds(123'456));
  ring.add("other.org", 1, identity::generate_seal_key());
  const auto back = identity::domain_keyring::parse(ring.print());
  REQUIRE(back.has_value());
  CHECK(*back == ring);
  CHECK(back->find("example.com", 2)->public_key == ring.find("example.com", 2)->public_key);
  CHECK(identity::domain_keyring::parse("")->empty());
  const auto key = core::to_hex(identity::generate_seal_key().private_key);
  CHECK(identity::domain_keyring::parse("example.com 1 " + key + " 0\n").has_value());
  for (const auto& bad :
       {std::string("\n"), std::string("example.com"), "Example.com 1 " + key + " 0\n", "example.com 0 " + key + " 0\n",
        "example.com x " + key + " 0\n", std::string("example.com 1 0011 0\n"), "example.com 1 " + key + "\n",
        "example.com 1 " + key + " -1\n", "example.com 1 " + key + " 99999999999999999\n", "example.com 1 " + key + " 0 more\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(identity::domain_keyring::parse(bad).has_value());
  }
}

TEST_CASE("of a domain only so many generations are kept, the newest") {
  identity::domain_keyring ring;
  for (std::uint32_t g = 1; g <= 100; ++g) ring.add("example.com", g, identity::generate_seal_key());
  CHECK(ring.generations("example.com").size() == identity::domain_keyring::generations_max);
  CHECK(ring.newest("example.com") == 100);
}

}  // namespace domain_keyring_test
