// A minimal STUN codec (RFC 8489): Binding requests, indications and answers, as reachability and mapped addresses
// need them.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |0 0|     STUN Message Type     |         Message Length        |
//  |                         Magic Cookie                          |
//  |                     Transaction ID (96 bits)                  |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/endpoint.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::stun {

inline constexpr std::uint32_t magic_cookie = 0x2112a442;
inline constexpr std::size_t header_size = 20;

enum class message_type : std::uint16_t {
  binding_request = 0x0001,
  binding_indication = 0x0011,
  binding_success = 0x0101,
  binding_error = 0x0111,
};

namespace attribute_type {
inline constexpr std::uint16_t error_code = 0x0009;
inline constexpr std::uint16_t unknown_attributes = 0x000a;
inline constexpr std::uint16_t xor_mapped_address = 0x0020;
inline constexpr std::uint16_t fingerprint = 0x8028;
inline constexpr std::uint16_t reach = 0xc0f1;  // ours: return reachability; comprehension-optional
}  // namespace attribute_type

using transaction_id = std::array<std::uint8_t, 12>;

struct message {
  struct attribute {
    std::uint16_t type = 0;
    core::bytes value;
  };
  static constexpr std::size_t attributes_max = 32;

  message_type type = message_type::binding_request;
  transaction_id transaction{};
  std::vector<attribute> attributes;

  // Any message type is read; core::errc::malformed: lengths, cookie, too many attributes, or a FINGERPRINT that is not last
  // or does not match.
  [[nodiscard]] static core::result<message> decode(core::byte_view data);
  [[nodiscard]] core::bytes encode(bool with_fingerprint = false) const;

  [[nodiscard]] const core::bytes* find(std::uint16_t wanted) const noexcept;
  void add(std::uint16_t attribute_type, core::bytes value) { attributes.push_back({attribute_type, std::move(value)}); }
  void add_xor_mapped_address(const core::endpoint& e);
  [[nodiscard]] std::optional<core::endpoint> xor_mapped_address() const;
};

// The first attribute below 0x8000 that a Binding request may not hold, if any (RFC 8489 s.6.3.1: 420).
[[nodiscard]] std::vector<std::uint16_t> unknown_required_attributes(const message& m);

}  // namespace phyllo::stun
