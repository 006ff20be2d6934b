// Which peers a TURN server relays to (RFC 8656 s.21.1.6, s.21.4): nobody's own network by way of ours. Whatever form an address comes in,
// it is judged by where its packets end.
#pragma once

#include <asio/ip/address.hpp>
#include <vector>

#include "phyllo/transport/address_prefix.hpp"

namespace phyllo::nat {

class peer_policy {
 public:
  struct rules {
    std::vector<asio::ip::address> own;                // this host's addresses, as it binds and advertises them
    std::vector<transport::address_prefix> denied{};   // besides what always is; stronger than all else
    std::vector<transport::address_prefix> allowed{};  // although it is special or our own
  };

  explicit peer_policy(rules r);

  // Denied: loopback, private, link-local, multicast, reserved, documentation and all else that is special (RFC 6890), in every form that
  // holds an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo), a mapped, compatible or translated address of whatever
  // content, and our own.
  [[nodiscard]] bool allows(const asio::ip::address& peer) const;

 private:
  rules rules_;
};

}  // namespace phyllo::nat
