// Which addresses a node dials: others name them, and may name a victim's, or a service of this very host. Everything that is dialled
// because of what others have said passes here.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <vector>

#include "phyllo/transport/address_prefix.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

// From how far an address can be reached (RFC 6890).
enum class address_scope : std::uint8_t {
  never,        // unspecified, multicast, broadcast, reserved
  loopback,     // 127/8, ::1
  link,         // 169.254/16, fe80::/10
  private_use,  // RFC 1918, RFC 6598, ULA, site-local, benchmarks
  global,
};

// Of an IPv6 address with an IPv4 one inside (mapped, compatible, NAT64, 6to4, Teredo) that of the one inside, which is where its
// packets end.
[[nodiscard]] address_scope scope_of(const asio::ip::address& a);
// The same address, however it is written: of an IPv6 address with an IPv4 one inside that one, of others the address without its zone.
[[nodiscard]] asio::ip::address plain_address(const asio::ip::address& a);

class address_policy {
 public:
  // `own`: what this node binds, and what others dial for it; `own_ports`: what it listens on there; `named`: by the operator, so they are
  // dialled whatever their scope.
  address_policy(std::vector<asio::ip::address> own, std::vector<std::uint16_t> own_ports, std::vector<address_prefix> named = {});

  // Whether this node dials `to`: a global address, or one of a scope in which it lives itself; never its own, but that loopback
  // addresses are shared with others: there only its own ports are not dialled.
  [[nodiscard]] bool may_dial(const endpoint& to) const;

 private:
  std::vector<asio::ip::address> own_;
  std::vector<std::uint16_t> own_ports_;
  std::vector<address_prefix> named_;
};

}  // namespace phyllo::transport
