// A 128-bit Node-ID (RFC 6940 s.14; spec of the Pastry plug-in). Resource-IDs share its form: both are points of
// one ring.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "phyllo/core/keyed_hash.hpp"

namespace phyllo::identity {

struct node_id {
  static constexpr std::size_t size = 16;
  std::array<std::uint8_t, size> octets{};

  [[nodiscard]] static std::optional<node_id> from_hex(std::string_view text);                 // exactly 32 digits
  [[nodiscard]] static std::optional<node_id> from_bytes(std::span<const std::uint8_t> data);  // exactly 16
  [[nodiscard]] std::string hex() const;
  [[nodiscard]] std::span<const std::uint8_t> view() const noexcept { return octets; }
  // 0 and 2^128 - 1 are reserved and never issued (RFC 6940 s.6.1.3).
  [[nodiscard]] bool reserved() const noexcept;

  friend auto operator<=>(const node_id&, const node_id&) = default;
};

// Of tables that strangers fill: whoever has many Node-IDs could choose among them.
[[nodiscard]] inline std::uint64_t keyed_hash(const core::hash_key& key, const node_id& n) noexcept {
  return core::keyed_hash(key, n.view());
}

}  // namespace phyllo::identity

template <>
struct std::hash<phyllo::identity::node_id> {
  std::size_t operator()(const phyllo::identity::node_id& id) const noexcept {
    // Ids are chosen at random by the login server or by a hash, so any of their bytes serve.
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.octets.data(), sizeof high);
    std::memcpy(&low, id.octets.data() + sizeof high, sizeof low);
    return static_cast<std::size_t>(high ^ (low * 0x9e3779b97f4a7c15U));
  }
};
