// Certificates that no authority of ours would issue: any subject, names, extensions and keys.
#pragma once

#include <openssl/bytestring.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <doctest.h>

#include <functional>

#include "ring.hpp"

namespace phyllo::testing {

using evp_key = bssl::UniquePtr<EVP_PKEY>;

inline evp_key rsa_key(int bits = 2048) {
  const bssl::UniquePtr<RSA> rsa(RSA_new());
  const bssl::UniquePtr<BIGNUM> e(BN_new());
  BN_set_word(e.get(), RSA_F4);
  REQUIRE(RSA_generate_key_ex(rsa.get(), bits, e.get(), nullptr) == 1);
  evp_key key(EVP_PKEY_new());
  EVP_PKEY_set1_RSA(key.get(), rsa.get());
  return key;
}

inline evp_key ec_key(int curve = NID_X9_62_prime256v1) {
  const bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(curve));
  REQUIRE(EC_KEY_generate_key(ec.get()) == 1);
  evp_key key(EVP_PKEY_new());
  EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  return key;
}

inline core::bytes sign_with(EVP_PKEY* key, const EVP_MD* digest, core::byte_view data) {
  bssl::ScopedEVP_MD_CTX context;
  std::size_t size = 0;
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1);
  REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) == 1);
  core::bytes out(size);
  REQUIRE(EVP_DigestSign(context.get(), out.data(), &size, data.data(), data.size()) == 1);
  out.resize(size);
  return out;
}

struct general_name {
  unsigned tag;  // 1 rfc822Name, 2 dNSName, 6 URI
  std::string value;
};

inline core::bytes san_der(const std::vector<general_name>& names) {
  bssl::ScopedCBB out;
  CBB list;
  CBB_init(out.get(), 64);
  CBB_add_asn1(out.get(), &list, CBS_ASN1_SEQUENCE);
  for (const auto& n : names) {
    CBB one;
    CBB_add_asn1(&list, &one, CBS_ASN1_CONTEXT_SPECIFIC | n.tag);
    CBB_add_bytes(&one, core::as_bytes(n.value).data(), n.value.size());
    CBB_flush(&list);
  }
  CBB_flush(out.get());
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

inline void add_extension(X509* x, const ASN1_OBJECT* oid, bool critical, const core::bytes& der) {
  const bssl::UniquePtr<ASN1_STRING> content(ASN1_STRING_type_new(V_ASN1_OCTET_STRING));
  ASN1_STRING_set(content.get(), der.data(), static_cast<int>(der.size()));
  const bssl::UniquePtr<X509_EXTENSION> e(X509_EXTENSION_create_by_OBJ(nullptr, oid, critical ? 1 : 0, content.get()));
  REQUIRE(X509_add_ext(x, e.get(), -1) == 1);
}

inline void add_san(X509* x, const std::vector<general_name>& names, bool critical = true) {
  add_extension(x, OBJ_nid2obj(NID_subject_alt_name), critical, san_der(names));
}

inline void add_private_extension(X509* x, bool critical, const core::bytes& der) {
  static const std::uint8_t oid[] = {0x06, 0x14, 0x69, 0x81, 0xf8, 0x9f, 0x96, 0xd9, 0x8b, 0xb0, 0xf2,
                                     0xaa, 0x9d, 0x9d, 0x9d, 0xcf, 0xed, 0xf1, 0xf8, 0xb1, 0xb4, 0x11};
  const std::uint8_t* at = oid;
  const bssl::UniquePtr<ASN1_OBJECT> object(d2i_ASN1_OBJECT(nullptr, &at, sizeof oid));
  add_extension(x, object.get(), critical, der);
}

inline void add_policies(X509* x, const core::bytes& der) { add_extension(x, OBJ_nid2obj(NID_certificate_policies), false, der); }

inline std::string uri_of(std::uint8_t n, const std::string& overlay = overlay_name) {
  return "reload://0110" + numbered(n).hex() + "@" + overlay + "/";
}

// A certificate valid around `today`, changed by `change`, signed by itself: what from_der says of its form.
inline core::bytes forged(EVP_PKEY* key, const std::function<void(X509*)>& change) {
  const bssl::UniquePtr<X509> x(X509_new());
  X509_set_version(x.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 7);
  ASN1_TIME_set(X509_getm_notBefore(x.get()), std::chrono::system_clock::to_time_t(today - std::chrono::hours(1)));
  ASN1_TIME_set(X509_getm_notAfter(x.get()), std::chrono::system_clock::to_time_t(today + std::chrono::hours(24)));
  X509_set_pubkey(x.get(), key);
  change(x.get());
  REQUIRE(X509_sign(x.get(), key, EVP_PKEY_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256()) > 0);
  std::uint8_t* out = nullptr;
  const int size = i2d_X509(x.get(), &out);
  REQUIRE(size > 0);
  const bssl::UniquePtr<std::uint8_t> owner(out);
  return {out, out + size};
}

}  // namespace phyllo::testing
