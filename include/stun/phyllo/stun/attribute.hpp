// The one table of STUN's attributes, grouped by the RFC that defines them (IANA's registry "STUN Attributes"): name, how a value is
// written, whether a reader must understand it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "phyllo/core/bytes.hpp"

namespace phyllo::stun {

namespace attribute_type {
// RFC 8489
inline constexpr std::uint16_t mapped_address = 0x0001;
inline constexpr std::uint16_t username = 0x0006;
inline constexpr std::uint16_t message_integrity = 0x0008;
inline constexpr std::uint16_t error_code = 0x0009;
inline constexpr std::uint16_t unknown_attributes = 0x000a;
inline constexpr std::uint16_t realm = 0x0014;
inline constexpr std::uint16_t nonce = 0x0015;
inline constexpr std::uint16_t message_integrity_sha256 = 0x001c;
inline constexpr std::uint16_t password_algorithm = 0x001d;
inline constexpr std::uint16_t userhash = 0x001e;
inline constexpr std::uint16_t xor_mapped_address = 0x0020;
inline constexpr std::uint16_t password_algorithms = 0x8002;
inline constexpr std::uint16_t alternate_domain = 0x8003;
inline constexpr std::uint16_t software = 0x8022;
inline constexpr std::uint16_t alternate_server = 0x8023;
inline constexpr std::uint16_t fingerprint = 0x8028;
// RFC 8656
inline constexpr std::uint16_t channel_number = 0x000c;
inline constexpr std::uint16_t lifetime = 0x000d;
inline constexpr std::uint16_t xor_peer_address = 0x0012;
inline constexpr std::uint16_t data = 0x0013;
inline constexpr std::uint16_t xor_relayed_address = 0x0016;
inline constexpr std::uint16_t requested_address_family = 0x0017;
inline constexpr std::uint16_t even_port = 0x0018;
inline constexpr std::uint16_t requested_transport = 0x0019;
inline constexpr std::uint16_t dont_fragment = 0x001a;
inline constexpr std::uint16_t reservation_token = 0x0022;
inline constexpr std::uint16_t additional_address_family = 0x8000;
inline constexpr std::uint16_t address_error_code = 0x8001;
inline constexpr std::uint16_t icmp = 0x8004;
// RFC 8445
inline constexpr std::uint16_t priority = 0x0024;
inline constexpr std::uint16_t use_candidate = 0x0025;
inline constexpr std::uint16_t ice_controlled = 0x8029;
inline constexpr std::uint16_t ice_controlling = 0x802a;
// RFC 5780
inline constexpr std::uint16_t change_request = 0x0003;
inline constexpr std::uint16_t padding = 0x0026;
inline constexpr std::uint16_t response_port = 0x0027;
inline constexpr std::uint16_t response_origin = 0x802b;
inline constexpr std::uint16_t other_address = 0x802c;
// RFC 6062
inline constexpr std::uint16_t connection_id = 0x002a;
// RFC 8016
inline constexpr std::uint16_t mobility_ticket = 0x8030;
// RFC 7635
inline constexpr std::uint16_t access_token = 0x001b;
inline constexpr std::uint16_t third_party_authorization = 0x802e;

inline constexpr std::uint16_t reach = 0xc0f1;  // ours: return reachability
}  // namespace attribute_type

// How a value is written.
enum class attribute_syntax : std::uint8_t {
  flag,         // nothing
  octet,        // one octet and, in all but EVEN-PORT, three that are zero
  number16,     // two octets, and two that are zero
  number32,     //
  number64,     //
  text,         // UTF-8
  opaque,       //
  address,      // RFC 8489 s.14.1
  xor_address,  // RFC 8489 s.14.2
  error,        // RFC 8489 s.14.8
  types,        // attribute types, two octets each
  algorithm,    // RFC 8489 s.14.12
  algorithms,   // one or more of these
  icmp,         // RFC 8656 s.18.13
};

struct attribute_info {
  std::uint16_t type;
  std::string_view name;
  attribute_syntax syntax;
  std::uint16_t shortest;  // a value, in octets
  std::uint16_t longest;

  // Whether a value may have this length; what it holds is for the readers in value.hpp.
  [[nodiscard]] constexpr bool takes(std::size_t size) const noexcept { return size >= shortest && size <= longest; }
};

// Rising by type.
[[nodiscard]] std::span<const attribute_info> attribute_table() noexcept;
// Null: we do not know it.
[[nodiscard]] const attribute_info* attribute_of(std::uint16_t type) noexcept;
// Who does not know such an attribute of a request refuses the request with 420 (RFC 8489 s.14).
[[nodiscard]] constexpr bool comprehension_required(std::uint16_t type) noexcept { return type < 0x8000; }

}  // namespace phyllo::stun
