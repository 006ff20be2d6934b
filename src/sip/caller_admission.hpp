// Who a caller is, and whether he may call (RFC 3261 s.22.3, caller_identity.md): who claims to be of ours is asked for his credentials.
#pragma once

#include <memory>
#include <string>

#include "authenticator.hpp"
#include "callee_lookup.hpp"
#include "caller_claim.hpp"
#include "proxy_replies.hpp"
#include "stranger_refusals.hpp"

namespace phyllo::sip {

class caller_admission {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    sip::authenticator& authenticator;
    transaction_layer& transactions;
    callee_lookup& lookup;
    proxy_replies& replies;
    const stranger_refusals& strangers;
  };
  // What `p` names must outlive it. Unless it is to `authenticate`, callers are believed.
  caller_admission(parts p, identity::node_id self, bool authenticate) : parts_(p), self_(self), authenticate_(authenticate) {}

  // Who claims to be of ours, or shows credentials for a domain of ours under another name ("anonymous"), is asked; others stay strangers.
  // Awaits his secret. False: the request is answered.
  core::awaitable<bool> identify(std::shared_ptr<proxy_context> c, caller_claim claim);

 private:
  core::awaitable<bool> authorize(std::shared_ptr<proxy_context> c, caller_claim claim);
  core::awaitable<bool> known_to_do_better(std::string user);
  [[nodiscard]] bool admitted(proxy_context& c, const authentication& a, const caller_claim& claim);
  void challenge(proxy_context& c, const authentication& a, const caller_claim& claim);

  parts parts_;
  identity::node_id self_;
  bool authenticate_;
};

}  // namespace phyllo::sip
