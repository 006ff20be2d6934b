#include "sip/domain_secrets.hpp"

#include <doctest.h>

#include "support/simulated_world.hpp"
#include "token_fixture.hpp"

namespace domain_secrets_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

std::vector<std::uint32_t> generations(const domain_secrets& s) {
  std::vector<std::uint32_t> out;
  for (const auto& secret : s.of("example.com")) out.push_back(secret.generation);
  return out;
}

}  // namespace

TEST_CASE("until the keys are known a domain has a secret of this process, and no other domain has one") {
  simulated_world w;
  domain_secrets s(w.env(), {"example.com"});
  CHECK(generations(s) == std::vector<std::uint32_t>{0});
  CHECK(s.of("example.com")[0].nonces.size() == 32);
  CHECK(s.of("example.org").empty());
  const domain_secrets other(w.env(), {"example.com"});
  CHECK(other.of("example.com")[0].nonces != s.of("example.com")[0].nonces);
  s.replace(ring_of_keys(3, 3));
  CHECK(generations(s) == std::vector<std::uint32_t>{3});
}

TEST_CASE("two nodes with the same keys have the same secrets, one for tokens and one for nonces") {
  const domain_secrets a({"example.com"}, ring_of_keys(1, 1));
  const domain_secrets b({"example.com"}, ring_of_keys(1, 1));
  const auto& first = a.of("example.com").at(0);
  const auto& second = b.of("example.com").at(0);
  CHECK(first.nonces == second.nonces);
  CHECK(second.tokens.open({}, first.tokens.seal({}, core::as_bytes("x"))));
  CHECK(identity::domain_keyring(ring_of_keys(1, 1)).derive("example.com", 1, "sip token") !=
        identity::domain_keyring(ring_of_keys(1, 1)).derive("example.com", 1, "sip nonce"));
}

TEST_CASE("the generation in use comes first, then the others from the newest on") {
  auto ring = ring_of_keys(1, 3);
  ring.add("example.com", 4, {core::bytes(32, 4), core::bytes(32, 4)}, noon);  // announced, and not used before noon
  ring.use_at(noon - std::chrono::seconds(1));
  CHECK(generations(domain_secrets({"example.com"}, ring)) == std::vector<std::uint32_t>{3, 4, 2, 1});
  ring.use_at(noon);
  CHECK(generations(domain_secrets({"example.com"}, ring)) == std::vector<std::uint32_t>{4, 3, 2, 1});
}

TEST_CASE("a keyring without a domain's key leaves the domain its secrets") {
  domain_secrets s({"example.com"}, ring_of_keys(1, 2));
  s.replace(identity::domain_keyring());
  CHECK(generations(s) == std::vector<std::uint32_t>{2, 1});
  s.replace(ring_of_keys(2, 3));
  CHECK(generations(s) == std::vector<std::uint32_t>{3, 2});
}

}  // namespace domain_secrets_test
