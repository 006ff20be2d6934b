// The ACK for a 2xx, which is a request of its own (RFC 3261 s.13.2.2.4) and can not be challenged: only what is seen to come from an end
// of its dialog passes, or shows the credentials of its INVITE.
#pragma once

#include <memory>

#include "ack_ways.hpp"
#include "authenticator.hpp"
#include "dialog_leads.hpp"
#include "phyllo/core/task_scope.hpp"
#include "trust_domain.hpp"

namespace phyllo::sip {

class ack_forwarder {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    const token_sealer& sealer;
    sip::authenticator& authenticator;
    transaction_layer& transactions;
    const trust_domain& trust;
    const trusted_headers& headers;
    core::metrics& metrics;
    const ack_ways& ways;
    const dialog_leads& leads;
    core::task_scope& scope;  // of those whose credentials are asked for
  };
  // What `p` names must outlive it.
  ack_forwarder(parts p, identity::node_id self) : parts_(p), self_(self) {}

  void on_ack(message ack, const source& from);

 private:
  core::awaitable<void> ask(std::shared_ptr<message> ack, source from, dialog_token t);
  void pass(message ack, const source& from, const dialog_token& t, side as);

  parts parts_;
  identity::node_id self_;
};

}  // namespace phyllo::sip
