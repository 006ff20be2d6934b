// Where a callee is (RFC 3261 s.16.5): the overlay is asked for him and for whom his calls go on to, and the request is forked to the
// phones that are found.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "call_branches.hpp"
#include "callee_lookup.hpp"
#include "fork_targets.hpp"
#include "forwarding_search.hpp"
#include "host_names.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::sip {

class callee_finder {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    host_names& hosts;
    const token_sealer& sealer;
    const secret_source& secrets;
    core::metrics& metrics;
    callee_lookup& lookup;
    const fork_targets& targets;
    ringing_calls& ringing;
    proxy_replies& replies;
    stranger_refusals& strangers;
    call_branches& branches;
  };
  // What `p` names must outlive it.
  callee_finder(parts p, identity::node_id self, core::logger log) : parts_(p), self_(self), log_(std::move(log)) {}

  // Awaits DNS. Phones may have been told of a node by a name that this one has never heard of: as their outbound proxy, or in place of the
  // domain.
  core::awaitable<void> learn_names(std::shared_ptr<proxy_context> c);
  // As many calls as may wait for an answer do. False: it is answered.
  [[nodiscard]] bool admitted_to(proxy_context& c, const std::string& callee);
  // Awaits the overlay; the request is answered or forked then.
  core::awaitable<void> locate(std::shared_ptr<proxy_context> c, std::string user);

 private:
  [[nodiscard]] std::optional<std::string> unknown_name(const proxy_context& c) const;
  void add_targets(proxy_context& c, forwarding_search& search, const forwarding_search::place& at,
                   const std::vector<overlay::stored_value>& values, std::vector<fork_target>& targets);
  void look_up_failed(proxy_context& c, const core::error& why);
  core::awaitable<void> nobody_home(std::shared_ptr<proxy_context> c, std::string user);

  parts parts_;
  identity::node_id self_;
  core::logger log_;
};

}  // namespace phyllo::sip
