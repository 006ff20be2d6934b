#include "transport/tls/tls_identity.hpp"

#include <doctest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "phyllo/transport/errc.hpp"
#include "small_overlay.hpp"

namespace tls_identity_test {

using namespace phyllo;
using transport::tls_identity;

namespace {

const bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));

std::string reason(const transport::web_certificate& pem) {
  const auto parsed = tls_identity::parse(pem);
  CHECK(ERR_peek_error() == 0);
  if (parsed) return {};
  CHECK(parsed.error() == transport::errc::malformed);
  return parsed.error().message();
}

bool tells(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a certificate and its key are shown in a connection") {
  const auto pem = testing::make_web_certificate({"one.example.com"});
  const auto id = tls_identity::parse(pem);
  REQUIRE(id);
  const bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
  CHECK(id->show_in(ssl.get()));
  X509* shown = SSL_get_certificate(ssl.get());
  REQUIRE(shown != nullptr);
  CHECK(X509_check_host(shown, "one.example.com", 15, 0, nullptr) == 1);
}

TEST_CASE("a node's credential is shown, too") {
  const testing::small_overlay o;
  const bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
  CHECK(tls_identity::of(*o.credential(1)).show_in(ssl.get()));
  CHECK(SSL_get_certificate(ssl.get()) != nullptr);
}

TEST_CASE("what is no certificate, no key, or no pair is refused, and says which") {
  const auto one = testing::make_web_certificate({"one.example.com"});
  const auto two = testing::make_web_certificate({"two.example.com"});
  CHECK(reason(one).empty());
  CHECK(tells(reason({"", one.key_pem}), "no PEM certificate"));
  CHECK(tells(reason({one.key_pem, one.key_pem}), "no PEM certificate"));
  CHECK(tells(reason({one.chain_pem, ""}), "no PEM private key"));
  CHECK(tells(reason({one.chain_pem, one.chain_pem}), "no PEM private key"));
  CHECK(tells(reason({one.chain_pem, two.key_pem}), "do not belong together"));
  CHECK(tells(reason({two.chain_pem + one.chain_pem, one.key_pem}), "do not belong together"));  // the leaf comes first
  CHECK(reason({one.chain_pem + two.chain_pem, one.key_pem}).empty());
}

}  // namespace tls_identity_test
