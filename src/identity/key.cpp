#include "phyllo/identity/key.hpp"

#include <openssl/curve25519.h>

#include "boringssl.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {

private_key::private_key(evp_pkey_st* key) : key_(share(key)) {}

private_key private_key::generate() {
  std::uint8_t public_key[ED25519_PUBLIC_KEY_LEN];
  std::uint8_t secret[ED25519_PRIVATE_KEY_LEN];  // the seed, then the public key
  ED25519_keypair(public_key, secret);
  auto* key = must(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret, 32));
  OPENSSL_cleanse(secret, sizeof secret);
  return private_key(key);
}

core::result<private_key> private_key::from_pem(std::string_view pem) {
  auto key = key_from_pem(pem);
  if (!key) return core::fail(errc::malformed_key, "no unencrypted PKCS#8 private key in PEM");
  if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) return core::fail(errc::malformed_key, "not an Ed25519 key");
  return private_key(key.release());
}

std::string private_key::pem() const { return key_pem(key_.get()); }

core::bytes private_key::sign(core::byte_view data) const {
  if (other_) return other_->sign(data);
  bssl::ScopedEVP_MD_CTX context;
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()));
  core::bytes out(ED25519_SIGNATURE_LEN);
  std::size_t size = out.size();
  must(EVP_DigestSign(context.get(), out.data(), &size, data.data(), data.size()));
  out.resize(size);
  return out;
}

}  // namespace phyllo::identity
