// Where a SIP URI leads (RFC 3263 s.4): NAPTR chooses the transport, SRV server and port, A and AAAA the address; several
// servers are several destinations, in the order in which they are to be tried.
//
// Differences: WebSocket services are left out, since servers do not open them; no SRV look-up for a URI with a port (s.4.2 asks
// for none), and NAPTR's regular expressions are not used (s.4.1: "the replacement field").
#pragma once

#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/transport/resolver.hpp"
#include "transport_layer.hpp"
#include "uri.hpp"

namespace phyllo::sip {

// By priority; within one at random, as often as their weights say (RFC 2782).
[[nodiscard]] std::vector<transport::srv_record> in_order(std::vector<transport::srv_record> records, core::environment& env);

class server_location {
 public:
  static constexpr std::size_t destinations_max = 8;
  static constexpr std::size_t lookups_max = 16;  // for one URI, whatever its domain's records say

  // Both must outlive it.
  server_location(core::environment& env, transport::resolver& dns) : env_(env), dns_(dns) {}

  // None: it leads nowhere, or its domain's servers do not answer. Addresses need no DNS.
  [[nodiscard]] core::awaitable<std::vector<destination>> find(uri u);

 private:
  struct search;
  core::awaitable<void> by_naptr(search& s);
  core::awaitable<bool> by_srv(search& s, protocol p, std::string name);
  core::awaitable<void> by_address(search& s, protocol p, std::string host, std::uint16_t port);

  core::environment& env_;
  transport::resolver& dns_;
};

}  // namespace phyllo::sip
