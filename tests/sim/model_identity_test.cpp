#include "sim/model_identity.hpp"

#include <doctest.h>

#include <array>

#include "phyllo/identity/errc.hpp"

namespace model_identity_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("a modelled certificate is refused by a supernode's trust, and its signature fits nothing else") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  const auto issuer = sim::make_issuer(sim::crypto::model, "example.org", now, 1);
  identity::node_id a, b;
  a.octets[0] = 1;
  b.octets[0] = 2;
  const auto alice = issuer->issue({a, "alice@example.org", {}, now - 1h, now + 1h});
  const auto bob = issuer->issue({b, "bob@example.org", {}, now - 1h, now + 1h});
  CHECK(issuer->trust().check(alice.certificate, now).has_value());
  CHECK(issuer->trust().check(alice.certificate, now + 2h).error() == identity::errc::expired);
  const identity::trust real("example.org");
  CHECK(real.check(alice.certificate, now).error() == identity::errc::unknown_issuer);
  CHECK_FALSE(real.read(alice.certificate.der()).has_value());
  CHECK(issuer->trust().read(alice.certificate.der()).value() == alice.certificate);

  const auto text = core::to_bytes("what is signed");
  const auto signature = alice.key.sign(text);
  CHECK(signature.size() == 64);
  CHECK(alice.certificate.verify(8, 7, text, signature).has_value());
  CHECK_FALSE(bob.certificate.verify(8, 7, text, signature).has_value());
  CHECK_FALSE(alice.certificate.verify(8, 7, core::to_bytes("something else"), signature).has_value());
  CHECK_FALSE(alice.certificate.verify(4, 3, text, signature).has_value());
}

TEST_CASE("a modelled certificate is as long as a real one") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  std::array<std::size_t, 2> sizes{};
  for (const auto c : {sim::crypto::model, sim::crypto::real}) {
    const auto issuer = sim::make_issuer(c, "example.org", now, 1);
    identity::node_id id;
    id.octets[0] = 1;
    sizes[static_cast<std::size_t>(c)] = issuer->issue({id, "node10@example.org", {}, now - 1h, now + 1h}).certificate.der().size();
  }
  CHECK(sizes[0] >= sizes[1] - 8);
  CHECK(sizes[0] <= sizes[1] + 8);
}

TEST_CASE("a registry finds what it has made by its bytes and by its fingerprint, and nothing that differs in a byte") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  sim::model_registry registry(7);
  sim::issuer::request r;
  r.user = "alice@example.org";
  r.not_before = now - 1h;
  r.not_after = now + 1h;
  const auto first = registry.issue(r, "example.org").certificate;
  const auto second = registry.issue(r, "example.org").certificate;
  CHECK(first.fingerprint() != second.fingerprint());
  REQUIRE(registry.find(second.fingerprint()) != nullptr);
  CHECK(*registry.find(second.fingerprint()) == second);
  CHECK(registry.find({}) == nullptr);
  auto der = core::to_bytes(first.der());
  REQUIRE(registry.read(der) != nullptr);
  CHECK(*registry.read(der) == first);
  der.back() = static_cast<std::uint8_t>(der.back() ^ 1);
  CHECK(registry.read(der) == nullptr);
  CHECK(registry.read(core::bytes{0}) == nullptr);
  CHECK(registry.read(core::bytes(400, 0xff)) == nullptr);
}

TEST_CASE("a modelled trust refuses who is revoked, of another overlay, or of another model") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  sim::model_registry registry(7);
  const sim::model_registry other(8);
  sim::issuer::request r;
  r.node.octets[0] = 9;
  r.user = "alice@example.org";
  r.not_before = now - 1h;
  r.not_after = now + 1h;
  const auto here = registry.issue(r, "example.org").certificate;
  const auto elsewhere = registry.issue(r, "example.net").certificate;
  const sim::model_trust trust("example.org", registry);
  CHECK(trust.check(here, now).has_value());
  CHECK(trust.check(here, now - 2h).error() == identity::errc::expired);
  CHECK(trust.check(elsewhere, now).error() == identity::errc::wrong_overlay);
  CHECK(sim::model_trust("example.org", other).check(here, now).error() == identity::errc::unknown_issuer);
}

}  // namespace model_identity_test
