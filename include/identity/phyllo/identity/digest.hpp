// Hashes and MACs over BoringSSL, so that no other tier touches its API for them.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/node_id.hpp"

namespace phyllo::identity {

using sha256_digest = std::array<std::uint8_t, 32>;

[[nodiscard]] sha256_digest sha256(core::byte_view data);
[[nodiscard]] sha256_digest sha256(std::initializer_list<core::byte_view> parts);
[[nodiscard]] std::array<std::uint8_t, 20> sha1(core::byte_view data);
[[nodiscard]] std::array<std::uint8_t, 16> md5(std::initializer_list<core::byte_view> parts);
[[nodiscard]] std::string md5_hex(std::string_view text);
[[nodiscard]] std::string sha256_hex(std::string_view text);
[[nodiscard]] sha256_digest hmac_sha256(core::byte_view key, core::byte_view data);
[[nodiscard]] sha256_digest hmac_sha256(core::byte_view key, std::initializer_list<core::byte_view> parts);
[[nodiscard]] std::array<std::uint8_t, 20> hmac_sha1(core::byte_view key, std::initializer_list<core::byte_view> parts);
[[nodiscard]] bool constant_time_equal(core::byte_view a, core::byte_view b) noexcept;

// H(x) of the Pastry plug-in: the first 16 bytes of SHA-256.
[[nodiscard]] node_id ring_hash(core::byte_view data);

}  // namespace phyllo::identity
