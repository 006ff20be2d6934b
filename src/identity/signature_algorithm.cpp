#include "signature_algorithm.hpp"

#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/err.h>
#include <openssl/nid.h>

#include <fmt/format.h>

#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;

struct row {
  std::uint8_t hash;
  std::uint8_t algorithm;
  int key_type;
  const EVP_MD* (*digest)();
};

constexpr row table[] = {
    {8, 7, EVP_PKEY_ED25519, nullptr},  // intrinsic, ed25519
    {4, 1, EVP_PKEY_RSA, EVP_sha256},   // sha256, rsa (PKCS#1 v1.5): "All implementations MUST support" it (RFC 6940 s.6.3.4)
    {4, 3, EVP_PKEY_EC, EVP_sha256},    // sha256, ecdsa
};

const row* find(std::uint8_t hash, std::uint8_t algorithm) {
  for (const auto& r : table) {
    if (r.hash == hash && r.algorithm == algorithm) return &r;
  }
  return nullptr;
}

bool is_p256(const EVP_PKEY* key) {
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(key);
  return ec != nullptr && EC_GROUP_get_curve_name(EC_KEY_get0_group(ec)) == NID_X9_62_prime256v1;
}

}  // namespace

bool acceptable_key(EVP_PKEY* key) {
  if (key == nullptr) return false;
  switch (EVP_PKEY_id(key)) {
    case EVP_PKEY_ED25519: return true;
    case EVP_PKEY_EC: return is_p256(key);
    case EVP_PKEY_RSA: return EVP_PKEY_bits(key) >= rsa_bits_min && EVP_PKEY_bits(key) <= rsa_bits_max;
    default: return false;
  }
}

core::status verify_by(EVP_PKEY* key, std::uint8_t hash, std::uint8_t algorithm, core::byte_view data, core::byte_view signature) {
  const row* r = find(hash, algorithm);
  if (r == nullptr || EVP_PKEY_id(key) != r->key_type) {
    return core::fail(errc::unsupported_algorithm, fmt::format("hash {}, signature {} with this key", hash, algorithm));
  }
  bssl::ScopedEVP_MD_CTX context;
  const EVP_MD* digest = r->digest == nullptr ? nullptr : r->digest();
  must(EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key));
  const bool ok = EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
  ERR_clear_error();
  if (!ok) return core::fail(errc::bad_signature);
  return {};
}

}  // namespace phyllo::identity
