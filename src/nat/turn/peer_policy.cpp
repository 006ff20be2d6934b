#include "phyllo/nat/peer_policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "phyllo/transport/address_policy.hpp"

namespace phyllo::nat {
namespace {

using transport::address_prefix;

// What RFC 6890's registries call special and transport::scope_of calls global, since a node may well be told to dial it in a laboratory.
constexpr std::array<const char*, 14> further{
    "192.0.2.0/24",   "198.51.100.0/24", "203.0.113.0/24",  // documentation
    "192.88.99.0/24",                                       // 6to4 relays
    "2001:db8::/32",  "3fff::/20",                          // documentation
    "100::/64",       "100:0:0:1::/64",                     // discard, dummy
    "2001:2::/48",                                          // benchmarks
    "2001:10::/28",   "2001:20::/28",    "2001:30::/28",    // identifiers
    "5f00::/16",                                            // segment routing
    "::/96",                                                // IPv4-compatible, unspecified, loopback
};

const std::vector<address_prefix>& special() {
  static const auto made = [] {
    std::vector<address_prefix> out;
    for (const auto* text : further) out.push_back(address_prefix::parse(text).value());
    return out;
  }();
  return made;
}

bool holds(const std::vector<address_prefix>& in, const asio::ip::address& a) {
  return std::ranges::any_of(in, [&](const address_prefix& p) { return p.contains(a); });
}

// Mapped, compatible or translated: an IPv4 address that only pretends to be another, and is never on the wire.
bool pretends(const asio::ip::address& a) {
  if (a.is_v4()) return false;
  const auto octets = a.to_v6().to_bytes();
  const auto zeros = std::ranges::find_if(octets, [](auto b) { return b != 0; }) - octets.begin();
  return zeros >= 10 || (zeros == 8 && octets[8] == 0xff && octets[9] == 0xff && octets[10] == 0 && octets[11] == 0);
}

}  // namespace

peer_policy::peer_policy(rules r) : rules_(std::move(r)) {
  for (auto& a : rules_.own) a = transport::plain_address(a);
}

bool peer_policy::allows(const asio::ip::address& peer) const {
  const auto plain = transport::plain_address(peer);
  if (holds(rules_.denied, peer) || holds(rules_.denied, plain)) return false;
  if (holds(rules_.allowed, plain)) return true;
  if (pretends(peer) || transport::scope_of(peer) != transport::address_scope::global) return false;
  if (holds(special(), peer) || holds(special(), plain)) return false;
  return std::ranges::find(rules_.own, plain) == rules_.own.end();
}

}  // namespace phyllo::nat
