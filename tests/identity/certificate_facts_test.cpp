#include "phyllo/identity/certificate_facts.hpp"

#include <doctest.h>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/web_certificate.hpp"

namespace certificate_facts_test {

using namespace phyllo;
using namespace phyllo::identity;
using std::chrono::hours;

namespace {

const core::wall_time now = core::from_unix_milliseconds(1'767'225'600'000);

}  // namespace

TEST_CASE("a certificate tells until when it is good and by which names it may be asked for") {
  const auto made = make_web_certificate({"a.example.com", "192.0.2.1", "2001:db8::1"}, now, hours(24));
  const auto facts = facts_of_pem(made.certificate_pem);
  REQUIRE(facts.has_value());
  CHECK(facts->ends == now + hours(24));
  CHECK(facts->begins == now - hours(24));
  CHECK(facts->names == std::vector<std::string>{"a.example.com", "192.0.2.1", "2001:db8::1"});
  const auto ca = authority::create("overlay.example.com", now, 1);
  CHECK(facts_of_der(ca.certificate_der())->ends == facts_of_pem(ca.certificate_pem())->ends);
}

TEST_CASE("a chain is good for as long as the shortest of its certificates, and has the names of the first") {
  const auto longer = make_web_certificate({"a.example.com"}, now, hours(48));
  const auto later = make_web_certificate({"b.example.com"}, now + hours(5), hours(10));
  const auto facts = facts_of_pem(longer.certificate_pem + later.certificate_pem);
  REQUIRE(facts.has_value());
  CHECK(facts->begins == now - hours(19));
  CHECK(facts->ends == now + hours(15));
  CHECK(facts->names == std::vector<std::string>{"a.example.com"});
}

TEST_CASE("what is no certificate has no facts, and a key fits its own certificate only") {
  CHECK_FALSE(facts_of_pem("").has_value());
  CHECK_FALSE(facts_of_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_value());
  CHECK_FALSE(facts_of_der(core::as_bytes("none")).has_value());
  const auto a = make_web_certificate({"a.example.com"}, now, hours(1));
  const auto b = make_web_certificate({"a.example.com"}, now, hours(1));
  CHECK(key_fits(a.certificate_pem + a.key_pem));
  CHECK_FALSE(key_fits(a.certificate_pem + b.key_pem));
  CHECK_FALSE(key_fits(a.certificate_pem));
  CHECK_FALSE(key_fits(a.key_pem));
}

}  // namespace certificate_facts_test
