// What a request looks like when it leaves this node along a branch (RFC 3261 s.16.6 steps 1 to 6): who is said to have sent it, what is
// hidden, and the Record-Route that brings the dialog's later requests back.
#pragma once

#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "proxy_context.hpp"
#include "trust_domain.hpp"

namespace phyllo::sip {

class branch_requests {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    const token_sealer& sealer;
    const trust_domain& trust;
    const trusted_headers& headers;
  };
  // What `p` names must outlive it.
  branch_requests(parts p, identity::node_id self) : parts_(p), self_(self) {}

  // Of `c.base`, once: nobody gets what its sender may not say.
  void make_presentable(proxy_context& c) const;
  [[nodiscard]] message along(const proxy_context& c, const fork_way& w) const;

 private:
  void record(const proxy_context& c, const dialog_end& callee, message& m) const;

  parts parts_;
  identity::node_id self_;
};

}  // namespace phyllo::sip
