#include "phyllo/stun/attribute.hpp"

#include <algorithm>
#include <array>

namespace phyllo::stun {
namespace {

using syntax = attribute_syntax;

// RFC 8489 s.14.9, s.14.10, s.14.14: "fewer than 128 characters, which can be as long as 763 bytes". USERNAME: s.14.3, 509 octets.
constexpr std::uint16_t text_max = 763;
constexpr std::uint16_t username_max = 509;
constexpr std::uint16_t any = 0xffff;

// RFC 8489 s.18.3, RFC 8656 s.17, RFC 8445 s.20.1, RFC 5780 s.9.1, RFC 6062 s.6.2, RFC 8016 s.5, RFC 7635 s.10.
constexpr std::array<attribute_info, 43> table{{
    {0x0001, "MAPPED-ADDRESS", syntax::address, 8, 20},
    {0x0003, "CHANGE-REQUEST", syntax::number32, 4, 4},
    {0x0006, "USERNAME", syntax::text, 1, username_max},
    {0x0008, "MESSAGE-INTEGRITY", syntax::opaque, 20, 20},
    {0x0009, "ERROR-CODE", syntax::error, 4, 4 + text_max},
    {0x000a, "UNKNOWN-ATTRIBUTES", syntax::types, 0, any},
    {0x000c, "CHANNEL-NUMBER", syntax::number16, 4, 4},
    {0x000d, "LIFETIME", syntax::number32, 4, 4},
    {0x0012, "XOR-PEER-ADDRESS", syntax::xor_address, 8, 20},
    {0x0013, "DATA", syntax::opaque, 0, any},
    {0x0014, "REALM", syntax::text, 0, text_max},
    {0x0015, "NONCE", syntax::text, 0, text_max},
    {0x0016, "XOR-RELAYED-ADDRESS", syntax::xor_address, 8, 20},
    {0x0017, "REQUESTED-ADDRESS-FAMILY", syntax::octet, 4, 4},
    {0x0018, "EVEN-PORT", syntax::octet, 1, 1},
    {0x0019, "REQUESTED-TRANSPORT", syntax::octet, 4, 4},
    {0x001a, "DONT-FRAGMENT", syntax::flag, 0, 0},
    {0x001b, "ACCESS-TOKEN", syntax::opaque, 0, any},
    {0x001c, "MESSAGE-INTEGRITY-SHA256", syntax::opaque, 16, 32},
    {0x001d, "PASSWORD-ALGORITHM", syntax::algorithm, 4, any},
    {0x001e, "USERHASH", syntax::opaque, 32, 32},
    {0x0020, "XOR-MAPPED-ADDRESS", syntax::xor_address, 8, 20},
    {0x0022, "RESERVATION-TOKEN", syntax::number64, 8, 8},
    {0x0024, "PRIORITY", syntax::number32, 4, 4},
    {0x0025, "USE-CANDIDATE", syntax::flag, 0, 0},
    {0x0026, "PADDING", syntax::opaque, 0, any},
    {0x0027, "RESPONSE-PORT", syntax::number16, 4, 4},
    {0x002a, "CONNECTION-ID", syntax::number32, 4, 4},
    {0x8000, "ADDITIONAL-ADDRESS-FAMILY", syntax::octet, 4, 4},
    {0x8001, "ADDRESS-ERROR-CODE", syntax::error, 4, 4 + text_max},
    {0x8002, "PASSWORD-ALGORITHMS", syntax::algorithms, 4, any},
    {0x8003, "ALTERNATE-DOMAIN", syntax::text, 1, 255},
    {0x8004, "ICMP", syntax::icmp, 8, 8},
    {0x8022, "SOFTWARE", syntax::text, 0, text_max},
    {0x8023, "ALTERNATE-SERVER", syntax::address, 8, 20},
    {0x8028, "FINGERPRINT", syntax::number32, 4, 4},
    {0x8029, "ICE-CONTROLLED", syntax::number64, 8, 8},
    {0x802a, "ICE-CONTROLLING", syntax::number64, 8, 8},
    {0x802b, "RESPONSE-ORIGIN", syntax::address, 8, 20},
    {0x802c, "OTHER-ADDRESS", syntax::address, 8, 20},
    {0x802e, "THIRD-PARTY-AUTHORIZATION", syntax::text, 0, text_max},
    {0x8030, "MOBILITY-TICKET", syntax::opaque, 0, any},
    {0xc0f1, "REACH", syntax::opaque, 0, any},
}};

}  // namespace

std::span<const attribute_info> attribute_table() noexcept { return table; }

const attribute_info* attribute_of(std::uint16_t type) noexcept {
  const auto at = std::ranges::lower_bound(table, type, {}, &attribute_info::type);
  return at == table.end() || at->type != type ? nullptr : &*at;
}

}  // namespace phyllo::stun
