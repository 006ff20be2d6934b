// The proxy within dialogs (sip.md, "Within a dialog"): from one end to the other and nowhere else; and to phones that hang on this node,
// for other nodes.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "call_branches.hpp"
#include "callee_lookup.hpp"
#include "dialog_leads.hpp"
#include "fork_targets.hpp"
#include "server_location.hpp"

namespace phyllo::sip {

class dialog_forwarding final : public further_ways {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    transaction_layer& transactions;
    server_location& servers;
    callee_lookup& lookup;
    const fork_targets& targets;
    context_table& contexts;
    proxy_replies& replies;
    call_branches& branches;
    const dialog_leads& leads;
    core::task_scope& scope;  // of those that wait for the overlay or DNS
  };
  // What `p` names must outlive it. It becomes the branches' observer.
  dialog_forwarding(parts p, identity::node_id self);

  // True: it is the request of an end, and on its way, or answered. `proven`: whose credentials came with it; empty: nobody's.
  [[nodiscard]] bool forward(const std::shared_ptr<proxy_context>& c, std::string_view proven);
  // Another node's request, along the path that it has from the phone's record.
  void to_phone(proxy_context& c, const path_token& path);
  [[nodiscard]] bool look_further(proxy_context& c) override;

 private:
  void forward_from(std::shared_ptr<proxy_context> c, side from);
  core::awaitable<void> forward_beyond(std::shared_ptr<proxy_context> c, dialog_end to);
  [[nodiscard]] bool may_look_for(const proxy_context& c) const;
  [[nodiscard]] bool may_go_on(const proxy_context& c) const;
  core::awaitable<void> go_on(std::shared_ptr<proxy_context> c);
  [[nodiscard]] std::vector<fork_way> ways_now(const proxy_context& c, const std::string& user,
                                               const std::vector<overlay::stored_value>& values) const;

  parts parts_;
  identity::node_id self_;
};

}  // namespace phyllo::sip
