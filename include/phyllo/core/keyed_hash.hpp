// SipHash-2-4 (Aumasson, Bernstein 2012): the hash of tables whose keys strangers choose. Who does not know the key can not make keys
// collide. No checksum and no MAC for messages: 64 bits only.
#pragma once

#include <cstdint>
#include <string_view>

#include "phyllo/core/bytes.hpp"

namespace phyllo::core {

// Random, of one table or one process; never told to anybody.
struct hash_key {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, byte_view data) noexcept;
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, std::string_view text) noexcept;
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, std::uint64_t number) noexcept;

}  // namespace phyllo::core
