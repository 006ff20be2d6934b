#include "phyllo/identity/domain_keyring.hpp"

#include <doctest.h>

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
