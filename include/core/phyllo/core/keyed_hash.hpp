// SipHash-2-4 (Aumasson, Bernstein 2012): the hash of tables whose keys strangers choose. Who does not know the key can not make keys
// collide. No checksum and no MAC for messages: 64 bits only.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "phyllo/core/bytes.hpp"

namespace phyllo::core {

class environment;

// Random, of one table or one process; never told to anybody.
struct hash_key {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};
[[nodiscard]] hash_key random_hash_key(environment& env);

[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, byte_view data) noexcept;
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, std::string_view text) noexcept;
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, std::uint64_t number) noexcept;

// Of Node-IDs and whatever else is a row of octets.
template <class T>
  requires requires(const T& id) {
    { byte_view(id.octets) } -> std::same_as<byte_view>;
  }
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, const T& id) noexcept {
  return keyed_hash(key, byte_view(id.octets));
}

// For containers of the standard library. It is not noexcept: so libstdc++ keeps the hashes beside the keys, and reckons each once.
struct keyed_hasher {
  hash_key key;
  template <class T>
  std::size_t operator()(const T& k) const {
    return static_cast<std::size_t>(keyed_hash(key, k));
  }
};

}  // namespace phyllo::core
