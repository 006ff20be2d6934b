#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace authority_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

TEST_CASE("an authority survives its PEM, and refuses a key that is not its own") {
  const auto ca = authority::create("login.example.com", today);
  const auto again = authority::from_pem(ca.certificate_pem(), ca.key_pem());
  REQUIRE(again);
  CHECK(again->certificate_der() == ca.certificate_der());
  const auto other = authority::create("login.example.com", today);
  CHECK(authority::from_pem(ca.certificate_pem(), other.key_pem()).error() == errc::malformed_key);
  CHECK(authority::from_pem("", ca.key_pem()).error() == errc::malformed_certificate);
  const auto node = credential_for(ca, 1, "alice@example.com");
  CHECK(authority::from_pem(node.certificate.pem(), node.key.pem()).error() == errc::malformed_certificate);
}

TEST_CASE("what no certificate may say is not issued, and is an error instead of an end") {
  const auto ca = authority::create("login.example.com", today);
  const auto key = private_key::generate();
  const auto issue = [&](authority::request r) { return ca.issue(r, key.native()); };
  authority::request r{numbered(1), "node1@example.com", "ring.example.com", {}, today, today + std::chrono::hours(1)};
  for (std::size_t i = 0; i < authority_domains_max; ++i) r.domains.push_back("d" + std::to_string(i) + ".example.com");
  CHECK(issue(r));
  r.domains.push_back("one-more.example.com");
  CHECK(issue(r).error() == errc::malformed_certificate);
  const auto label = std::string(63, 'a') + ".";
  const auto longest = label + label + label + std::string(61, 'a');
  REQUIRE(longest.size() == 253);
  r.domains.assign(17, longest);
  CHECK(issue(r).error() == errc::malformed_certificate);
  r.domains.assign(16, longest);  // as much as is allowed
  CHECK(issue(r));
  r.domains = {"Example.com"};
  CHECK(issue(r).error() == errc::malformed_certificate);
  r.domains.clear();
  r.user = "no user";
  CHECK(issue(r).error() == errc::malformed_certificate);
}

TEST_CASE("an authority may be named like the longest overlay") {
  const std::string name = std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + ".example.com";
  const auto ca = authority::create(name, today);
  const auto key = private_key::generate();
  const authority::request r{numbered(1), "node1@example.com", name, {}, today, today + std::chrono::hours(1)};
  const auto c = ca.issue(r, key.native());
  REQUIRE(c);
  CHECK(c->overlay() == name);
}

}  // namespace authority_test
