#include "phyllo/identity/web_certificate.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace web_certificate_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

constexpr auto year = std::chrono::hours(24 * 365);

bssl::UniquePtr<X509> x509_of(const std::string& pem) {
  const bssl::UniquePtr<BIO> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return bssl::UniquePtr<X509>(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
}

// As a TLS client does: the chain, the purpose, the time and the host.
bool verifies(const std::string& pem, const std::string& anchor_pem, const std::string& host, bool is_address, core::wall_time at = today) {
  const auto x = x509_of(pem);
  const auto anchor = x509_of(anchor_pem);
  REQUIRE(x);
  REQUIRE(anchor);
  const bssl::UniquePtr<X509_STORE> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), anchor.get());
  const bssl::UniquePtr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), x.get(), nullptr);
  auto* p = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(p, std::chrono::system_clock::to_time_t(at));
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(p, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(p, host.data(), host.size());
  }
  return X509_verify_cert(context.get()) == 1;
}

}  // namespace

TEST_CASE("a self-signed web certificate is its own anchor, for its names and addresses only") {
  const auto w = make_web_certificate({"sip.example.com", "127.0.1.1", "::1"}, today, year);
  CHECK(verifies(w.certificate_pem, w.certificate_pem, "sip.example.com", false));
  CHECK(verifies(w.certificate_pem, w.certificate_pem, "127.0.1.1", true));
  CHECK(verifies(w.certificate_pem, w.certificate_pem, "::1", true));
  CHECK_FALSE(verifies(w.certificate_pem, w.certificate_pem, "example.com", false));
  CHECK_FALSE(verifies(w.certificate_pem, w.certificate_pem, "127.0.1.2", true));
  const auto other = make_web_certificate({"sip.example.com"}, today, year);
  CHECK_FALSE(verifies(w.certificate_pem, other.certificate_pem, "sip.example.com", false));
}

TEST_CASE("one authority's anchor verifies all certificates it issued") {
  const auto ca = make_web_authority("ring", today);
  const auto a = make_web_certificate({"127.0.1.1"}, today, year, ca).value();
  const auto b = make_web_certificate({"127.0.1.2"}, today, year, ca).value();
  CHECK(verifies(a.certificate_pem, ca.certificate_pem, "127.0.1.1", true));
  CHECK(verifies(b.certificate_pem, ca.certificate_pem, "127.0.1.2", true));
  CHECK_FALSE(verifies(b.certificate_pem, ca.certificate_pem, "127.0.1.1", true));
  CHECK_FALSE(verifies(a.certificate_pem, make_web_authority("ring", today).certificate_pem, "127.0.1.1", true));
}

TEST_CASE("a web certificate lasts a year and works at once on a slow clock") {
  const auto w = make_web_certificate({"a.example"}, today, year);
  CHECK(verifies(w.certificate_pem, w.certificate_pem, "a.example", false, today - std::chrono::minutes(59)));
  CHECK(verifies(w.certificate_pem, w.certificate_pem, "a.example", false, today + std::chrono::days(364)));
  CHECK_FALSE(verifies(w.certificate_pem, w.certificate_pem, "a.example", false, today + std::chrono::days(366)));
}

TEST_CASE("an issuer that is no authority, or whose key is another's, is refused") {
  const auto ca = make_web_authority("ring", today);
  const auto leaf = make_web_certificate({"a"}, today, year);
  const web_identity mixed{ca.certificate_pem, leaf.key_pem};
  CHECK(make_web_certificate({"a"}, today, year, leaf).error() == errc::malformed_certificate);
  CHECK(make_web_certificate({"a"}, today, year, mixed).error() == errc::malformed_key);
}

TEST_CASE("a web certificate is self-signed P-256 and names hosts and addresses") {
  const auto now = std::chrono::system_clock::now();
  const auto web = make_web_certificate({"127.60.0.1", "sip.example.com", "2001:db8::1"}, now, std::chrono::hours(24));
  const auto x = x509_of(web.certificate_pem);
  const bssl::UniquePtr<BIO> in(BIO_new_mem_buf(web.key_pem.data(), static_cast<int>(web.key_pem.size())));
  const evp_key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
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
}

}  // namespace web_certificate_test
