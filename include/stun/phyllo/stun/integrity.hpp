// What guards a STUN message: CRC-32 against confusion with other protocols, HMAC against strangers (RFC 8489 s.14.5 to s.14.7).
#pragma once

#include <array>
#include <cstdint>

#include "phyllo/core/bytes.hpp"

namespace phyllo::stun {

// `before`: the message up to the FINGERPRINT attribute, its length counting that attribute.
[[nodiscard]] std::uint32_t fingerprint_of(core::byte_view before) noexcept;

// `before`: the message up to the integrity attribute, whose value is of `size` octets. The length in the header is taken as if the message
// ended with that attribute.
[[nodiscard]] std::array<std::uint8_t, 20> integrity_of(core::byte_view before, core::byte_view key);
[[nodiscard]] std::array<std::uint8_t, 32> integrity_sha256_of(core::byte_view before, core::byte_view key, std::size_t size);

}  // namespace phyllo::stun
