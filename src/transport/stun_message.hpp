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
#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

inline constexpr std::uint32_t stun_magic_cookie = 0x2112a442;
inline constexpr std::size_t stun_header_size = 20;

enum class stun_type : std::uint16_t {
  binding_request = 0x0001,
  binding_indication = 0x0011,
  binding_success = 0x0101,
  binding_error = 0x0111,
};

namespace stun_attribute {
inline constexpr std::uint16_t error_code = 0x0009;
inline constexpr std::uint16_t unknown_attributes = 0x000a;
inline constexpr std::uint16_t xor_mapped_address = 0x0020;
inline constexpr std::uint16_t fingerprint = 0x8028;
inline constexpr std::uint16_t reach = 0xc0f1;  // ours: return reachability; comprehension-optional
}  // namespace stun_attribute

using stun_transaction = std::array<std::uint8_t, 12>;

struct stun_message {
  struct attribute {
    std::uint16_t type = 0;
    core::bytes value;
  };
  static constexpr std::size_t attributes_max = 32;

  stun_type type = stun_type::binding_request;
  stun_transaction transaction{};
  std::vector<attribute> attributes;

  // Any message type is read; errc::malformed: lengths, cookie, too many attributes, or a FINGERPRINT that is not last
  // or does not match.
  [[nodiscard]] static core::result<stun_message> decode(core::byte_view data);
  [[nodiscard]] core::bytes encode(bool with_fingerprint = false) const;

  [[nodiscard]] const core::bytes* find(std::uint16_t wanted) const noexcept;
  void add(std::uint16_t attribute_type, core::bytes value) { attributes.push_back({attribute_type, std::move(value)}); }
  void add_xor_mapped_address(const endpoint& e);
  [[nodiscard]] std::optional<endpoint> xor_mapped_address() const;
};

// The first attribute below 0x8000 that a Binding request may not hold, if any (RFC 8489 s.6.3.1: 420).
[[nodiscard]] std::vector<std::uint16_t> unknown_required_attributes(const stun_message& m);

}  // namespace phyllo::transport
