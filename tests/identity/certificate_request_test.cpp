#include "phyllo/identity/certificate_request.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace certificate_request_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

// A request forged with `names`, self-signed by `key` or, if given, by `other`.
core::bytes forged_request(EVP_PKEY* key, const std::vector<general_name>& names, EVP_PKEY* other = nullptr) {
  const bssl::UniquePtr<X509_REQ> q(X509_REQ_new());
  X509_REQ_set_version(q.get(), 0);
  X509_REQ_set_pubkey(q.get(), key);
  const auto der = san_der(names);
  const bssl::UniquePtr<ASN1_STRING> content(ASN1_STRING_type_new(V_ASN1_OCTET_STRING));
  ASN1_STRING_set(content.get(), der.data(), static_cast<int>(der.size()));
  const bssl::UniquePtr<STACK_OF(X509_EXTENSION)> list(sk_X509_EXTENSION_new_null());
  sk_X509_EXTENSION_push(list.get(), X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 1, content.get()));
  REQUIRE(X509_REQ_add_extensions(q.get(), list.get()) == 1);
  EVP_PKEY* signer = other == nullptr ? key : other;
  REQUIRE(X509_REQ_sign(q.get(), signer, EVP_PKEY_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256()) > 0);
  std::uint8_t* out = nullptr;
  const int size = i2d_X509_REQ(q.get(), &out);
  const bssl::UniquePtr<std::uint8_t> owner(out);
  return {out, out + size};
}

std::string refused(const core::bytes& der) {
  const auto q = certificate_request::from_der(der);
  REQUIRE_FALSE(q);
  CHECK(q.error() == errc::malformed_certificate);
  return q.error().detail();
}

}  // namespace

TEST_CASE("a request names its user and its key, and a certificate can be issued for it") {
  const auto key = private_key::generate();
  const auto q = certificate_request::from_der(make_certificate_request(key, "alice@example.com"));
  REQUIRE(q);
  CHECK(q->user() == "alice@example.com");
  const auto ca = authority::create("login.example.com", today);
  const auto c = ca.issue(request_for(1, q->user()), q->key()).value();
  CHECK(c.verify(8, 7, core::as_bytes("x"), key.sign(core::as_bytes("x"))));
}

TEST_CASE("a request with any bit flipped is refused") {
  const auto good = make_certificate_request(private_key::generate(), "alice@example.com");
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 1;
    CHECK_FALSE(certificate_request::from_der(bad));
  }
}

TEST_CASE("a request for another's key is refused, for its sender can not sign with it") {
  const auto key = private_key::generate();
  const auto thief = private_key::generate();
  const auto q = certificate_request::from_der(forged_request(key.native(), {{1, "alice@example.com"}}, thief.native()));
  CHECK(q.error() == errc::bad_signature);
}

TEST_CASE("a request may not name its Node-ID, a host, two users, or none") {
  const auto key = private_key::generate();
  REQUIRE(certificate_request::from_der(forged_request(key.native(), {{1, "alice@example.com"}})));
  CHECK(refused(forged_request(key.native(), {{1, "alice@example.com"}, {6, uri_of(1)}})) == "subjectAltName is not one rfc822Name");
  CHECK(refused(forged_request(key.native(), {{1, "alice@example.com"}, {1, "bob@example.com"}})) ==
        "subjectAltName is not one rfc822Name");
  CHECK(refused(forged_request(key.native(), {{1, "alice@example.com"}, {2, "example.com"}})) == "subjectAltName is not one rfc822Name");
  CHECK(refused(forged_request(key.native(), {})) == "subjectAltName is not one rfc822Name");
  CHECK(refused(forged_request(key.native(), {{1, "alice"}})) == "the rfc822Name is not a user@domain");
}

TEST_CASE("the keys of RFC 6940 s.6.3.4 are certified, weaker and unknown ones are not") {
  for (const auto& key : {ec_key(), rsa_key(2048)}) {
    const auto q = certificate_request::from_der(forged_request(key.get(), {{1, "alice@example.com"}}));
    REQUIRE(q);
    const auto issued = authority::create("login.example.com", today).issue(request_for(1, q->user()), q->key());
    REQUIRE(issued);
    CHECK(certificate::from_der(issued->der()));
  }
  for (const auto& key : {ec_key(NID_secp384r1), rsa_key(1024)}) {
    CHECK(refused(forged_request(key.get(), {{1, "alice@example.com"}})) ==
          "the key is neither Ed25519, P-256 nor RSA of 2048 to 8192 bits");
  }
}

TEST_CASE("garbage, trailing bytes and oversize are no request") {
  auto der = make_certificate_request(private_key::generate(), "alice@example.com");
  CHECK(refused({}) == "not one PKCS#10 request in DER");
  CHECK(refused(core::to_bytes("noise")) == "not one PKCS#10 request in DER");
  CHECK(refused(core::bytes(4097)) == "longer than 4096 bytes");
  der.push_back(0);
  CHECK(refused(der) == "not one PKCS#10 request in DER");
}

}  // namespace certificate_request_test
