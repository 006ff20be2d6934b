// Verification by the algorithms of RELOAD's signatures: pairs of TLS' HashAlgorithm and SignatureAlgorithm
// registries (RFC 5246 s.7.4.1.4.1, RFC 8422 s.5.1.3).
#pragma once

#include "boringssl.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::identity {

// Whether overlay certificates may hold this key: Ed25519, P-256, or RSA of 2048 to 8192 bits (longer ones cost
// the verifier too much).
[[nodiscard]] bool acceptable_key(EVP_PKEY* key);

// bad_signature, or unsupported_algorithm where the pair is unknown or does not fit the key.
[[nodiscard]] core::status verify_by(EVP_PKEY* key, std::uint8_t hash, std::uint8_t algorithm, core::byte_view data,
                                     core::byte_view signature);

}  // namespace phyllo::identity
