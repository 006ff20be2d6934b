#include "phyllo/transport/address_policy.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace phyllo::transport {
namespace {

using asio::ip::address_v4;
using asio::ip::address_v6;

struct v4_range {
  std::uint32_t first;
  unsigned bits;
  address_scope scope;
};

// RFC 6890; what is for documentation is left global, since nobody lives there.
constexpr std::array<v4_range, 12> special{{
    {0x00000000, 8, address_scope::never},         // "this network"
    {0x7f000000, 8, address_scope::loopback},      //
    {0xa9fe0000, 16, address_scope::link},         //
    {0x0a000000, 8, address_scope::private_use},   //
    {0xac100000, 12, address_scope::private_use},  //
    {0xc0a80000, 16, address_scope::private_use},  //
    {0x64400000, 10, address_scope::private_use},  // RFC 6598
    {0xc0000000, 24, address_scope::private_use},  // IETF protocol assignments
    {0xc6120000, 15, address_scope::private_use},  // RFC 2544
    {0xc0586300, 24, address_scope::never},        // 6to4 relays (RFC 7526)
    {0xe0000000, 4, address_scope::never},         // multicast
    {0xf0000000, 4, address_scope::never},         // reserved, and 255.255.255.255
}};

address_scope scope_of_v4(std::uint32_t a) noexcept {
  const auto in = [a](const v4_range& r) { return (a ^ r.first) >> (32 - r.bits) == 0; };
  const auto found = std::ranges::find_if(special, in);
  return found == special.end() ? address_scope::global : found->scope;
}

std::uint32_t v4_at(const address_v6::bytes_type& octets, std::size_t at) noexcept {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | octets[at + i];
  return out;
}

bool begins_with(const address_v6::bytes_type& octets, std::initializer_list<unsigned char> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), octets.begin());
}

// The IPv4 address inside, if there is one; of those of :: and ::1 there is none.
std::optional<std::uint32_t> v4_inside(const address_v6::bytes_type& o) noexcept {
  constexpr std::uint32_t mapped = 0x0000ffff;
  constexpr std::uint32_t translated = 0xffff0000;  // RFC 2765
  constexpr std::uint32_t compatible = 0;
  const auto middle = v4_at(o, 8);
  const bool zeros = v4_at(o, 0) == 0 && v4_at(o, 4) == 0;
  if (zeros && (middle == mapped || middle == translated)) return v4_at(o, 12);
  if (zeros && middle == compatible && v4_at(o, 12) > 1) return v4_at(o, 12);
  if (begins_with(o, {0x00, 0x64, 0xff, 0x9b})) return v4_at(o, 12);   // NAT64 (RFC 6052)
  if (begins_with(o, {0x20, 0x02})) return v4_at(o, 2);                // 6to4
  if (begins_with(o, {0x20, 0x01, 0x00, 0x00})) return ~v4_at(o, 12);  // Teredo: the client, inverted
  return std::nullopt;
}

address_scope scope_of_v6(const address_v6& a) {
  const auto octets = a.to_bytes();
  if (a.is_unspecified() || a.is_multicast()) return address_scope::never;
  if (a.is_loopback()) return address_scope::loopback;
  if (a.is_link_local()) return address_scope::link;
  if (a.is_site_local() || (octets[0] & 0xfe) == 0xfc) return address_scope::private_use;
  if (begins_with(octets, {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01})) return address_scope::private_use;  // a network's own NAT64 (RFC 8215)
  if (begins_with(octets, {0x20, 0x01, 0x00, 0x00}))                                                 // Teredo's server, too
    return std::min(scope_of_v4(v4_at(octets, 4)), scope_of_v4(*v4_inside(octets)));
  if (const auto inside = v4_inside(octets)) return scope_of_v4(*inside);
  return address_scope::global;
}

}  // namespace

address_scope scope_of(const asio::ip::address& a) { return a.is_v4() ? scope_of_v4(a.to_v4().to_uint()) : scope_of_v6(a.to_v6()); }

asio::ip::address plain_address(const asio::ip::address& a) {
  if (a.is_v4()) return a;
  const auto inside = v4_inside(a.to_v6().to_bytes());
  if (inside) return address_v4(*inside);
  return address_v6(a.to_v6().to_bytes());  // without a zone
}

address_policy::address_policy(std::vector<asio::ip::address> own, std::vector<std::uint16_t> own_ports, std::vector<address_prefix> named)
    : own_(std::move(own)), own_ports_(std::move(own_ports)), named_(std::move(named)) {
  for (auto& a : own_) a = plain_address(a);
}

bool address_policy::may_dial(const endpoint& to) const {
  const auto scope = scope_of(to.address);
  if (scope == address_scope::never || to.port == 0) return false;
  if (std::ranges::find(own_, plain_address(to.address)) != own_.end())
    return scope == address_scope::loopback && std::ranges::find(own_ports_, to.port) == own_ports_.end();
  if (scope == address_scope::global || std::ranges::find(own_, scope, scope_of) != own_.end()) return true;
  return std::ranges::any_of(named_, [&](const address_prefix& p) { return p.contains(to.address); });
}

}  // namespace phyllo::transport
