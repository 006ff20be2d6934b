#include "transport/tls/read_certificates.hpp"

#include <doctest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "small_overlay.hpp"

namespace read_certificates_test {

using namespace phyllo;

TEST_CASE("all certificates of a text are read, in their order, and what stands between them is skipped") {
  const auto one = testing::make_web_certificate({"one.example.com"});
  const auto two = testing::make_web_certificate({"two.example.com"});
  const auto both = transport::read_certificates("a comment\n" + one.chain_pem + "\n# more\n" + two.chain_pem);
  REQUIRE(both.size() == 2);
  CHECK(X509_check_host(both[0].get(), "one.example.com", 15, 0, nullptr) == 1);
  CHECK(X509_check_host(both[1].get(), "two.example.com", 15, 0, nullptr) == 1);
}

TEST_CASE("a text without certificates gives none, and leaves no error behind for others to find") {
  const auto one = testing::make_web_certificate({"one.example.com"});
  CHECK(transport::read_certificates("").empty());
  CHECK(transport::read_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").empty());
  CHECK(transport::read_certificates(std::string_view(one.chain_pem).substr(0, one.chain_pem.size() / 2)).empty());
  CHECK(transport::read_certificates(one.key_pem).empty());
  CHECK(ERR_peek_error() == 0);
}

}  // namespace read_certificates_test
