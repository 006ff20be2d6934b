// SIP by datagrams: to whom they are sent, and whose are read. Anybody may write another's address on one, so an address that has not shown
// that it hears us is sent little (response_budget.hpp), and what reading such datagrams costs is bounded. Each leaves from the port on
// which its receiver is heard (phone_ways.hpp).
#pragma once

#include <memory>

#include "phone_ways.hpp"
#include "phyllo/core/source_limit.hpp"
#include "response_budget.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class sip_datagrams {
 public:
  // References must outlive it.
  sip_datagrams(core::environment& env, transport::doors& doors, const transport_options& o, core::metrics& m);

  core::status send(const transport::endpoint& to, core::byte_view bytes);
  // A datagram has come by `port`; false: it is no message.
  [[nodiscard]] bool is_message(transport::datagram_port& port, const transport::incoming_datagram& d);
  // One that is a message is to be read. What is not is counted.
  [[nodiscard]] bool admits(const transport::endpoint& from, core::byte_view data);
  // Asks an address that has proved nothing for a proof, if its budget allows.
  void ask_to_prove(const transport::endpoint& from);

  // As transport_layer has them.
  void prove(const source& from);
  [[nodiscard]] bool proven(const source& from) const {
    return from.by != protocol::udp || budget_->proven(from.remote.address, env_.now());
  }
  [[nodiscard]] std::size_t room_for(const transport::endpoint& to) const { return budget_->room(to.address, env_.now()); }

 private:
  sip_datagrams(core::environment& env, transport::doors& doors, const transport_options& o, core::metrics& m, const core::hash_key& key);
  [[nodiscard]] bool admits_stranger(core::byte_view data);

  core::environment& env_;
  transport::doors& doors_;
  core::metrics& metrics_;
  double strangers_per_second_;
  core::token_bucket strangers_requests_;
  core::token_bucket strangers_responses_;
  phone_ways ways_;
  std::shared_ptr<response_budget> budget_;  // shared with nobody: a proof that is late sees that we are gone
};

}  // namespace phyllo::sip
