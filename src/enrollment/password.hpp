// Passwords are kept as scrypt verifiers (RFC 7914), r = 8, p = 1.
#pragma once

#include <string_view>

#include "phyllo/core/bytes.hpp"

namespace phyllo::enrollment {

inline constexpr unsigned scrypt_log2_n_max = 20;  // 1 GiB
inline constexpr std::size_t salt_bytes = 16;
inline constexpr std::size_t verifier_bytes = 32;

[[nodiscard]] core::bytes random_bytes(std::size_t count);

// Costly: 128 MiB and about half a second at log2_n = 17; an eighth of both at 14. Thread-safe. Empty: log2_n is not from 1 to
// scrypt_log2_n_max, or memory is exhausted.
[[nodiscard]] core::bytes derive_verifier(std::string_view password, core::byte_view salt, unsigned log2_n);

}  // namespace phyllo::enrollment
