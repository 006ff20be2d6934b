// Where a log-in comes from: the one customer, the network around him, and the region around that.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>

namespace phyllo::enrollment {

struct login_place {
  std::uint64_t host = 0;    // an IPv4 address, or an IPv6 /64: the least that one customer has
  std::uint64_t prefix = 0;  // an IPv4 /24, or an IPv6 /48: what one attacker may well have all of
  std::uint64_t region = 0;  // an IPv4 /16, or an IPv6 /32: where one attacker may well have many networks

  // An IPv4 address that is mapped into IPv6 counts as itself.
  [[nodiscard]] static login_place of(const asio::ip::address& a);
};

}  // namespace phyllo::enrollment
