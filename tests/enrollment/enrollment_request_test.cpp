#include "../../src/enrollment/enrollment_request.hpp"

#include <doctest.h>

#include "../../src/enrollment/login_terms.hpp"
#include "phyllo/core/errc.hpp"

namespace enrollment_request_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

const core::bytes der{0x30, 0x01, 0x00};

form good() { return {{"username", "alice@Example.com"}, {"password", "pw"}, {"csr", std::string(core::as_text(der))}}; }

form with(const std::string& name, std::string value) {
  auto f = good();
  f[name] = std::move(value);
  return f;
}

bool accepted(const form& f) {
  const auto r = enrollment_request::from_form(f);
  if (!r) CHECK(r.error() == core::errc::malformed);
  return r.has_value();
}

}  // namespace

TEST_CASE("an enrollment is for one Node-ID of the default device, as a client, unless it says otherwise") {
  const auto r = enrollment_request::from_form(good());
  REQUIRE(r);
  CHECK(r->user == "alice@example.com");
  CHECK(r->password == "pw");
  CHECK(r->csr == der);
  CHECK(r->device == "default");
  CHECK(r->one_node);
  CHECK_FALSE(r->peer);
  CHECK(enrollment_request::from_form(with("device", "host1/192.0.2.1"))->device == "host1/192.0.2.1");
  CHECK(enrollment_request::from_form(with("role", "peer"))->peer);
  CHECK_FALSE(enrollment_request::from_form(with("role", "client"))->peer);
  CHECK(enrollment_request::from_form(with("nodeids", "1"))->one_node);
  CHECK_FALSE(enrollment_request::from_form(with("nodeids", "2"))->one_node);
  CHECK(accepted(with("unheard", "of")));
}

TEST_CASE("what is missing, too long or unreadable makes no enrollment") {
  for (const auto* name : {"username", "password", "csr"}) {
    auto f = good();
    f.erase(name);
    CHECK_FALSE(accepted(f));
  }
  CHECK_FALSE(accepted(with("username", "alice")));
  CHECK_FALSE(accepted(with("role", "Peer")));
  CHECK_FALSE(accepted(with("role", "")));
  CHECK_FALSE(accepted(with("device", "")));
  CHECK_FALSE(accepted(with("device", "with space")));
  CHECK(accepted(with("password", std::string(1024, 'p'))));
  CHECK_FALSE(accepted(with("password", std::string(1025, 'p'))));
  CHECK(accepted(with("csr", std::string(8192, 'A'))));
  CHECK_FALSE(accepted(with("csr", std::string(8193, 'A'))));
}

TEST_CASE("a request is DER, base64 of it, or PEM, and anything else is unreadable") {
  CHECK(decode_csr(core::as_text(der)) == der);
  CHECK(decode_csr(core::to_base64(der)) == der);
  CHECK(decode_csr("-----BEGIN CERTIFICATE REQUEST-----\n" + core::to_base64(der) + "\n-----END CERTIFICATE REQUEST-----\n") == der);
  CHECK(decode_csr("").empty());
  CHECK(decode_csr("?").empty());
  CHECK(enrollment_request::from_form(with("csr", "?"))->csr.empty());  // is told as bad_CSR, once the password is right
}

TEST_CASE("a device is 1 to 128 printable characters without spaces") {
  CHECK(valid_device("!~"));
  CHECK(valid_device(std::string(128, 'd')));
  for (const auto& bad :
       {std::string(), std::string(129, 'd'), std::string("a b"), std::string("a\n"), std::string("\x7f"), std::string("\xc3\xa4")})
    CHECK_FALSE(valid_device(bad));
}

}  // namespace enrollment_request_test
