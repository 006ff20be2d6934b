// HPKE (RFC 9180) base mode, X25519 / HKDF-SHA256 / ChaCha20-Poly1305, over BoringSSL's EVP_HPKE.
#pragma once

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::identity {

struct seal_key_pair {
  core::bytes private_key;  // 32 bytes
  core::bytes public_key;   // 32 bytes
};
[[nodiscard]] seal_key_pair generate_seal_key();
// The pair of a private key of 32 bytes. malformed_key.
[[nodiscard]] core::result<seal_key_pair> seal_key_of(core::byte_view private_key);

// enc (32) · ciphertext. `context` binds use and subject (HPKE info).
[[nodiscard]] core::result<core::bytes> seal(core::byte_view public_key, core::byte_view context, core::byte_view plain);
[[nodiscard]] core::result<core::bytes> open(const seal_key_pair& key, core::byte_view context,
                                             core::byte_view sealed);  // not_sealed_for_us

}  // namespace phyllo::identity
