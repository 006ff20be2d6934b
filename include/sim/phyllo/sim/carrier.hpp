// How SIP travels in a simulated network: datagrams between phones and nodes, streams between nodes. A node has a transport::host of it, on
// which the shipping SIP service runs unchanged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/sim/network.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::sim {

class carrier_host;

class carrier {
 public:
  static constexpr std::uint16_t sip_port = 5060, sips_port = 5061;
  // Hears a datagram; the view is valid during the call.
  using hearer = std::function<void(const transport::endpoint& from, core::byte_view data)>;

  // `n` outlives it, and so do what open() gives and its streams.
  explicit carrier(network& n) : network_(n) {}
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;

  // Of a process on `at`, which shows `own` to other nodes: SIP at network::address, ports 5060 and 5061. One at a time.
  [[nodiscard]] std::unique_ptr<transport::host> open(host& at, identity::certificate own);
  // A phone, at an address that no node has; until `hear` is empty.
  void listen(const transport::endpoint& at, hearer hear);
  // A datagram to a node or a phone. Nobody there: it is lost.
  void send(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data);

  core::duration access = std::chrono::milliseconds(10);  // from a phone to any node, one way
  double loss = 0;                                        // of datagrams to and from phones
  std::uint64_t datagrams = 0, streams = 0;               // sent; opened between nodes

 private:
  friend class carrier_host;
  using place = std::pair<asio::ip::address, std::uint16_t>;

  [[nodiscard]] carrier_host* node_at(const asio::ip::address& a) const;  // null: none, or it is dead
  [[nodiscard]] core::duration flight(const transport::endpoint& a, const transport::endpoint& b);

  network& network_;
  std::map<asio::ip::address, carrier_host*> nodes_;
  std::map<place, hearer> phones_;
  std::uint16_t next_port_ = 20000;
};

}  // namespace phyllo::sim
