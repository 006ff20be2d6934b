#include "phyllo/identity/trust.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace trust_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;
using std::chrono::hours;

namespace {

struct ring {
  authority ca = authority::create("login.example.com", today);
  identity::trust trust{overlay_name};
  ring() { REQUIRE(trust.update({ca.certificate_der()}, {})); }
};

}  // namespace

TEST_CASE("a certificate of the overlay's authority is trusted, again and again") {
  ring r;
  const auto alice = credential_for(r.ca, 1, "alice@example.com").certificate;
  CHECK(r.trust.check(alice, today));
  CHECK(r.trust.check(alice, today));
  CHECK(r.trust.check(certificate::from_der(alice.der()).value(), today));
}

TEST_CASE("before any anchor is known nobody is trusted") {
  const auto ca = authority::create("login.example.com", today);
  const trust t(overlay_name);
  CHECK(t.check(credential_for(ca, 1, "alice@example.com").certificate, today).error() == errc::unknown_issuer);
}

TEST_CASE("a certificate of another authority is refused, also under the same name") {
  ring r;
  const auto other = authority::create("other.example.com", today);
  const auto same_name = authority::create("login.example.com", today);
  CHECK(r.trust.check(credential_for(other, 1, "alice@example.com").certificate, today).error() == errc::unknown_issuer);
  CHECK(r.trust.check(credential_for(same_name, 1, "alice@example.com").certificate, today).error() == errc::unknown_issuer);
}

TEST_CASE("authorities of one name and two keys are both honoured") {
  ring r;
  const auto successor = authority::create("login.example.com", today);
  REQUIRE(r.trust.update({r.ca.certificate_der(), successor.certificate_der()}, {}));
  CHECK(r.trust.check(credential_for(r.ca, 1, "alice@example.com").certificate, today));
  CHECK(r.trust.check(credential_for(successor, 2, "bob@example.com").certificate, today));
}

TEST_CASE("a certificate that its own key signed is refused") {
  ring r;
  const auto key = private_key::generate();
  const auto c =
      certificate::from_der(forged(key.native(), [](X509* x) { add_san(x, {{6, uri_of(1)}, {1, "alice@example.com"}}); })).value();
  CHECK(r.trust.check(c, today).error() == errc::unknown_issuer);
}

TEST_CASE("a node's certificate issues no certificates") {
  ring r;
  const auto alice = credential_for(r.ca, 1, "alice@example.com");
  CHECK(r.trust.update({core::to_bytes(alice.certificate.der())}, {}).error() == errc::malformed_certificate);
  // The failed update left the anchors as they were.
  CHECK(r.trust.check(alice.certificate, today));
}

TEST_CASE("a certificate altered anywhere is malformed or not trusted") {
  ring r;
  const auto good = credential_for(r.ca, 1, "alice@example.com").certificate;
  for (std::size_t i = 0; i < good.der().size(); ++i) {
    auto bad = core::to_bytes(good.der());
    bad[i] ^= 1;
    const auto c = certificate::from_der(bad);
    if (c) CHECK_FALSE(r.trust.check(*c, today));
  }
}

TEST_CASE("validity is asked at the time given, on the first and on every later look") {
  ring r;
  const auto alice = credential_for(r.ca, 1, "alice@example.com").certificate;
  CHECK(r.trust.check(alice, today - hours(2)).error() == errc::expired);
  CHECK(r.trust.check(alice, today - hours(1)));
  CHECK(r.trust.check(alice, today + hours(24 * 7)));
  CHECK(r.trust.check(alice, today + hours(24 * 7) + std::chrono::seconds(1)).error() == errc::expired);
}

TEST_CASE("a certificate that outlives its authority ends with it") {
  const auto ca = authority::create("login.example.com", today, 1);
  trust t(overlay_name);
  REQUIRE(t.update({ca.certificate_der()}, {}));
  auto q = request_for(1, "alice@example.com");
  q.not_after = today + hours(24 * 1000);
  const auto alice = credential_for(ca, q).certificate;
  CHECK(t.check(alice, today + hours(24 * 364)));
  CHECK(t.check(alice, today + hours(24 * 366)).error() == errc::expired);
}

TEST_CASE("a bad node is revoked at once, also when its certificate was trusted before, until it is taken off") {
  ring r;
  const auto alice = credential_for(r.ca, 1, "alice@example.com").certificate;
  const auto bob = credential_for(r.ca, 2, "bob@example.com").certificate;
  REQUIRE(r.trust.check(alice, today));
  REQUIRE(r.trust.update({r.ca.certificate_der()}, {numbered(1)}));
  CHECK(r.trust.revoked(numbered(1)));
  CHECK(r.trust.check(alice, today).error() == errc::revoked);
  CHECK(r.trust.check(bob, today));
  REQUIRE(r.trust.update({r.ca.certificate_der()}, {}));
  CHECK(r.trust.check(alice, today));
}

TEST_CASE("a certificate for another overlay is refused") {
  ring r;
  auto q = request_for(1, "alice@example.com");
  q.overlay = "other.example.com";
  CHECK(r.trust.check(credential_for(r.ca, q).certificate, today).error() == errc::wrong_overlay);
}

TEST_CASE("of several faults the issuer comes first, then time, then revocation, then the overlay") {
  ring r;
  auto q = request_for(1, "alice@example.com");
  q.overlay = "other.example.com";
  const auto c = credential_for(r.ca, q).certificate;
  REQUIRE(r.trust.update({r.ca.certificate_der()}, {numbered(1)}));
  CHECK(r.trust.check(c, today).error() == errc::revoked);
  CHECK(r.trust.check(c, today + hours(24 * 30)).error() == errc::expired);
  REQUIRE(r.trust.update({}, {numbered(1)}));
  CHECK(r.trust.check(c, today + hours(24 * 30)).error() == errc::unknown_issuer);
}

TEST_CASE("an anchor taken away takes its certificates with it") {
  ring r;
  const auto alice = credential_for(r.ca, 1, "alice@example.com").certificate;
  REQUIRE(r.trust.check(alice, today));
  REQUIRE(r.trust.update({authority::create("new.example.com", today).certificate_der()}, {}));
  CHECK(r.trust.check(alice, today).error() == errc::unknown_issuer);
}

TEST_CASE("an unknown critical extension is refused") {
  ring r;
  const auto key = private_key::generate();
  const auto c = certificate::from_der(forged(key.native(), [](X509* x) {
    add_san(x, {{6, uri_of(1)}, {1, "alice@example.com"}});
    add_private_extension(x, true, *core::from_hex("3009020101300416026d65"));
  }));
  REQUIRE(c);
  CHECK(r.trust.check(*c, today).error() == errc::unknown_issuer);
}

TEST_CASE("the overlay's number is the low 32 bits of the SHA-1 of its name") {
  CHECK(trust("abc").overlay_hash() == 0x9cd0d89d);  // SHA-1("abc") ends so
  CHECK(trust("abc").overlay_name() == "abc");
}

}  // namespace trust_test
