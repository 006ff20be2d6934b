#include "identity/boringssl.hpp"

#include <openssl/err.h>

#include "forge.hpp"

namespace boringssl_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

core::wall_time read_time(const char* text) {
  const bssl::UniquePtr<ASN1_TIME> t(ASN1_TIME_new());
  REQUIRE(ASN1_TIME_set_string(t.get(), text) == 1);
  return from_asn1(t.get());
}

}  // namespace

TEST_CASE("times of both ASN.1 forms are read, and those beyond the clock are its ends") {
  CHECK(read_time("260101000000Z") == today);
  CHECK(read_time("20260101000000Z") == today);
  CHECK(read_time("19700101000000Z") == core::wall_time());
  CHECK(read_time("19691231235959Z") == core::wall_time() - std::chrono::seconds(1));
  CHECK(read_time("99991231235959Z") == core::wall_time::max());
  CHECK(read_time("00010101000000Z") == core::wall_time::min());
}

TEST_CASE("a certificate is exactly one, in DER and in PEM") {
  const auto ca = authority::create("login.example.com", today);
  const auto der = ca.certificate_der();
  const auto x = x509_from_der(der);
  REQUIRE(x);
  CHECK(x509_der(x.get()) == der);
  CHECK(x509_der(x509_from_pem(x509_pem(x.get())).get()) == der);
  auto longer = der;
  longer.push_back(0);
  CHECK_FALSE(x509_from_der(longer));
  CHECK_FALSE(x509_from_der(core::byte_view(der).first(der.size() - 1)));
  CHECK_FALSE(x509_from_der({}));
  CHECK_FALSE(x509_from_pem("noise"));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("keys of any kind survive their PEM") {
  for (const auto& key : {ec_key(), rsa_key()}) {
    const auto again = key_from_pem(key_pem(key.get()));
    REQUIRE(again);
    CHECK(EVP_PKEY_cmp(again.get(), key.get()) == 1);
  }
  CHECK_FALSE(key_from_pem(""));
  CHECK_FALSE(key_from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a serial number is positive, of 16 octets, and another one each time (RFC 5280 s.4.1.2.2)") {
  const bssl::UniquePtr<X509> x(X509_new());
  const auto serial = [&] {
    set_random_serial(x.get());
    const ASN1_INTEGER* n = X509_get0_serialNumber(x.get());
    CHECK(ASN1_STRING_length(n) == 16);
    CHECK((ASN1_STRING_get0_data(n)[0] & 0xc0) == 0x40);
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(n)), 16);
  };
  CHECK(serial() != serial());
}

TEST_CASE("what fails by our own mistake is thrown with BoringSSL's reason, and its queue is left empty") {
  CHECK_NOTHROW(must(1));
  ERR_put_error(ERR_LIB_EVP, 0, EVP_R_UNSUPPORTED_ALGORITHM, __FILE__, 1);
  CHECK_THROWS_WITH(must(0), "BoringSSL: UNSUPPORTED_ALGORITHM");
  CHECK(ERR_peek_error() == 0);
  CHECK_THROWS_WITH(must(static_cast<X509*>(nullptr)), "BoringSSL: no reason given");
}

}  // namespace boringssl_test
