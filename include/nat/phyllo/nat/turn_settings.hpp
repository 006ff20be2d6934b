// What an operator says of the TURN server.
#pragma once

#include <asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/transport/address_prefix.hpp"

namespace phyllo::nat {

struct turn_limits {
  std::size_t allocations = 4096;              // in all; then 508
  std::size_t allocations_of_user = 16;        // then 486
  std::size_t allocations_of_address = 64;     // of clients behind one address; IPv6: a /64; then 486
  std::size_t permissions = 64;                // of one allocation; then 508
  std::size_t channels = 64;                   // of one allocation; then 508
  std::uint64_t bytes_per_second = 0;          // relayed in all; 0: as much as there is
  std::uint64_t bytes_per_second_of_user = 0;  // relayed for one user
  double refusals_of_source = 10;              // a second: answers by UDP to an address that has shown no credentials
};

struct turn_settings {
  bool enabled = false;
  std::string realm;                                       // of the long-term credentials
  std::string shared_secret;                               // whoever knows it makes credentials that expire; empty: nobody does
  std::vector<asio::ip::address> relay_addresses;          // where relayed addresses are; at most one of each family is used
  std::uint16_t port_first = 49152;                        // RFC 8656 s.7.2: the dynamic ports
  std::uint16_t port_last = 65535;                         //
  std::chrono::seconds lifetime_max{3600};                 // "a maximum allowed lifetime value of no more than 3600 seconds"
  std::chrono::seconds nonce_lifetime{3600};               // s.5: "at least once per hour"
  bool mobility = true;                                    // RFC 8016
  bool old_channels = false;                               // RFC 5766's numbers 0x5000 to 0x7fff, too
  std::vector<transport::address_prefix> denied_peers{};   // besides what peer_policy denies
  std::vector<transport::address_prefix> allowed_peers{};  // although peer_policy would deny them
  turn_limits limits;
};

}  // namespace phyllo::nat
