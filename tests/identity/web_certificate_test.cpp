#include "phyllo/identity/web_certificate.hpp"

#include <doctest.h>
#include <openssl/x509v3.h>

#include "../../src/identity/boringssl.hpp"

using namespace phyllo;

TEST_CASE("a web certificate is self-signed P-256 and names hosts and addresses") {
  const auto now = std::chrono::system_clock::now();
  const auto web = identity::make_web_certificate({"127.60.0.1", "sip.example.com", "2001:db8::1"}, now, std::chrono::hours(24));
  const auto x = identity::x509_from_pem(web.certificate_pem);
  const auto key = identity::key_from_pem(web.key_pem);
  REQUIRE(x);
  REQUIRE(key);
  CHECK(EVP_PKEY_id(key.get()) == EVP_PKEY_EC);
  CHECK(X509_check_private_key(x.get(), key.get()) == 1);
  CHECK(X509_verify(x.get(), key.get()) == 1);
  CHECK(X509_check_ip_asc(x.get(), "127.60.0.1", 0) == 1);
  CHECK(X509_check_ip_asc(x.get(), "2001:db8::1", 0) == 1);
  CHECK(X509_check_ip_asc(x.get(), "127.60.0.2", 0) == 0);
  CHECK(X509_check_host(x.get(), "sip.example.com", 15, 0, nullptr) == 1);
  CHECK(X509_check_host(x.get(), "example.com", 11, 0, nullptr) == 0);
  CHECK(identity::from_asn1(X509_get0_notAfter(x.get())) > now + std::chrono::hours(23));
}
