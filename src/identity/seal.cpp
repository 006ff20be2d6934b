#include "phyllo/identity/seal.hpp"

#include <openssl/err.h>
#include <openssl/hpke.h>

#include "boringssl.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t enc_bytes = 32;  // an X25519 public key, made anew for each sealing

seal_key_pair pair_of(const EVP_HPKE_KEY* key) {
  seal_key_pair pair{core::bytes(EVP_HPKE_MAX_PRIVATE_KEY_LENGTH), core::bytes(EVP_HPKE_MAX_PUBLIC_KEY_LENGTH)};
  std::size_t size = 0;
  must(EVP_HPKE_KEY_private_key(key, pair.private_key.data(), &size, pair.private_key.size()));
  pair.private_key.resize(size);  // upstream's constants cover longer keys than X25519's
  must(EVP_HPKE_KEY_public_key(key, pair.public_key.data(), &size, pair.public_key.size()));
  pair.public_key.resize(size);
  return pair;
}

}  // namespace

seal_key_pair generate_seal_key() {
  bssl::ScopedEVP_HPKE_KEY key;
  must(EVP_HPKE_KEY_generate(key.get(), EVP_hpke_x25519_hkdf_sha256()));
  return pair_of(key.get());
}

core::result<seal_key_pair> seal_key_of(core::byte_view private_key) {
  bssl::ScopedEVP_HPKE_KEY key;
  if (EVP_HPKE_KEY_init(key.get(), EVP_hpke_x25519_hkdf_sha256(), private_key.data(), private_key.size()) != 1) {
    (void)library_error();
    return core::fail(errc::malformed_key, "not an X25519 private key");
  }
  return pair_of(key.get());
}

core::result<core::bytes> seal(core::byte_view public_key, core::byte_view context, core::byte_view plain) {
  bssl::ScopedEVP_HPKE_CTX sender;
  core::bytes out(enc_bytes);
  std::size_t size = 0;
  if (EVP_HPKE_CTX_setup_sender(sender.get(), out.data(), &size, out.size(), EVP_hpke_x25519_hkdf_sha256(), EVP_hpke_hkdf_sha256(),
                                EVP_hpke_chacha20_poly1305(), public_key.data(), public_key.size(), context.data(), context.size()) != 1) {
    (void)library_error();
    return core::fail(errc::malformed_key, "not an X25519 public key");
  }
  out.resize(enc_bytes + plain.size() + EVP_HPKE_CTX_max_overhead(sender.get()));
  must(EVP_HPKE_CTX_seal(sender.get(), out.data() + enc_bytes, &size, out.size() - enc_bytes, plain.data(), plain.size(), nullptr, 0));
  out.resize(enc_bytes + size);
  return out;
}

core::result<core::bytes> open(const seal_key_pair& key, core::byte_view context, core::byte_view sealed) {
  bssl::ScopedEVP_HPKE_KEY recipient_key;
  if (EVP_HPKE_KEY_init(recipient_key.get(), EVP_hpke_x25519_hkdf_sha256(), key.private_key.data(), key.private_key.size()) != 1) {
    (void)library_error();
    return core::fail(errc::malformed_key, "not an X25519 private key");
  }
  if (sealed.size() < enc_bytes) return core::fail(errc::not_sealed_for_us, "too short");
  const auto enc = sealed.first(enc_bytes);
  const auto text = sealed.subspan(enc_bytes);
  bssl::ScopedEVP_HPKE_CTX recipient;
  core::bytes plain(text.size());
  std::size_t size = 0;
  const bool ok = EVP_HPKE_CTX_setup_recipient(recipient.get(), recipient_key.get(), EVP_hpke_hkdf_sha256(), EVP_hpke_chacha20_poly1305(),
                                               enc.data(), enc.size(), context.data(), context.size()) == 1 &&
                  EVP_HPKE_CTX_open(recipient.get(), plain.data(), &size, plain.size(), text.data(), text.size(), nullptr, 0) == 1;
  if (!ok) {
    ERR_clear_error();
    return core::fail(errc::not_sealed_for_us);
  }
  plain.resize(size);
  return plain;
}

}  // namespace phyllo::identity
