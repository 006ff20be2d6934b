#include "phyllo/sim/issuer.hpp"

#include <doctest.h>

#include "phyllo/identity/errc.hpp"

namespace issuer_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const core::wall_time now(std::chrono::hours(24 * 20000));

sim::issuer::request node(std::uint8_t number) {
  sim::issuer::request r;
  r.node.octets[0] = number;
  r.user = "node" + std::to_string(number) + "@example.org";
  r.domains = {"example.org"};
  r.not_before = now - 1h;
  r.not_after = now + 1h;
  return r;
}

}  // namespace

TEST_CASE("what an issuer certifies is as it was asked for, and its trust believes it and nobody else's, modelled or real") {
  for (const auto c : {sim::crypto::model, sim::crypto::real}) {
    CAPTURE(static_cast<int>(c));
    const auto issuer = sim::make_issuer(c, "example.org", now, 1);
    const auto other = sim::make_issuer(c, "example.org", now, 2);
    auto ordinary = node(2);
    ordinary.peer = false;
    const auto made = issuer->issue(node(1));
    CHECK(made.certificate.node() == node(1).node);
    CHECK(made.certificate.user() == "node1@example.org");
    CHECK(made.certificate.overlay() == "example.org");
    CHECK(made.certificate.may_be_peer());
    CHECK_FALSE(issuer->issue(ordinary).certificate.may_be_peer());
    CHECK(issuer->trust().check(made.certificate, now).has_value());
    CHECK(issuer->make_trust()->check(made.certificate, now).has_value());
    CHECK_FALSE(other->trust().check(made.certificate, now).has_value());
  }
}

TEST_CASE("the document names its signer, whom the issuer has certified, and the real one is signed by him") {
  for (const auto c : {sim::crypto::model, sim::crypto::real}) {
    CAPTURE(static_cast<int>(c));
    const auto issuer = sim::make_issuer(c, "example.org", now, 1);
    const auto& document = issuer->configuration().content;
    CHECK(document.instance_name == "example.org");
    CHECK(document.configuration_signers == std::vector{issuer->signer().certificate.node()});
    CHECK(document.kinds == identity::standard_kinds());
    CHECK(issuer->trust().check(issuer->signer().certificate, now).has_value());
    CHECK(issuer->configuration().text.empty() == (c == sim::crypto::model));
  }
}

TEST_CASE("what is revoked in a trust of one's own is believed in that of all others") {
  const auto issuer = sim::make_issuer(sim::crypto::real, "example.org", now, 1);
  const auto made = issuer->issue(node(1));
  const auto own = issuer->make_trust();
  REQUIRE(own->update(issuer->configuration().content.root_certificates, {node(1).node}).has_value());
  CHECK(own->check(made.certificate, now).error() == identity::errc::revoked);
  CHECK(issuer->trust().check(made.certificate, now).has_value());
}

}  // namespace issuer_test
