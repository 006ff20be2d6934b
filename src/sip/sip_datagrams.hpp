// SIP by datagrams: to whom they are sent, and whose are read. Anybody may write another's address on one, so an address that has not shown
// that it hears us is sent little (response_budget.hpp), and what reading such datagrams costs is bounded.
#pragma once

#include <memory>

#include "phyllo/core/source_limit.hpp"
#include "response_budget.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class sip_datagrams {
 public:
  // References must outlive it.
  sip_datagrams(core::environment& env, transport::host& host, const transport_options& o, core::metrics& m);

  core::status send(const transport::endpoint& to, core::byte_view bytes);
  // A datagram that has come is to be read. What is not is counted.
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
  [[nodiscard]] bool admits_stranger(core::byte_view data);

  core::environment& env_;
  transport::host& host_;
  core::metrics& metrics_;
  double strangers_per_second_;
  core::token_bucket strangers_requests_;
  core::token_bucket strangers_responses_;
  std::shared_ptr<response_budget> budget_;  // a late proof may outlive us
};

}  // namespace phyllo::sip
