// Where a request within a dialog goes from here (RFC 3261 s.16.12, sip.md, "Within a dialog"): pure. The tokens of its Route say so, and
// where a node or a phone is where they do not say any more, other ways are made of them.
#pragma once

#include <optional>
#include <string_view>

#include "dialog_authority.hpp"
#include "proxy_context.hpp"

namespace phyllo::sip {

class dialog_leads {
 public:
  // The sealer must outlive it.
  dialog_leads(const token_sealer& sealer, identity::node_id self) : sealer_(sealer), self_(self) {}

  struct lead {
    std::optional<dialog_end> end{};  // nullopt: nowhere
    bool sure = true;                 // false: an address that another node has spoken to; the phone may have left it when that node died
  };
  // Which end it goes to from here. A node on the way may be this one: for a phone that came here when its own node died. It leads nowhere
  // over a connection of another node, nor along a Route that goes on where the dialog does not. Takes Routes off `m` that are passed.
  [[nodiscard]] lead onward(message& m, const dialog_token& t, side from) const;

  // Past the node that `m` leads to, for when that is dead: a phone that it spoke to by UDP is spoken to from here.
  [[nodiscard]] std::optional<fork_way> past_node(const message& m, const dialog_token& t, side from) const;

  // Makes a way to a phone as it is registered now one for a dialog. A Path leads to a phone what this node has asked for, and within a
  // dialog it has asked nobody. So the phone's node is shown the dialog's token with the phone. False: this way is none for a dialog.
  [[nodiscard]] bool lead_by(fork_way& w, const dialog_token& t, side from) const;

 private:
  [[nodiscard]] std::optional<dialog_token> next_token(const message& m, const dialog_token& of) const;

  const token_sealer& sealer_;
  identity::node_id self_;
};

// s.16.6 step 6: a next hop that is a strict router finds itself in the Request-URI.
void serve_strict_router(message& m);

}  // namespace phyllo::sip
