#include "branch_requests.hpp"

#include "privacy.hpp"

namespace phyllo::sip {
namespace {

// s.16.6 step 4: requests that may make a dialog.
bool makes_dialog(method m) { return m == method::invite || m == method::subscribe || m == method::refer || m == method::notify; }

}  // namespace

void branch_requests::make_presentable(proxy_context& c) const {
  parts_.headers.clean(*c.base, c.caller.who);
  if (c.from.peer) remove_unvouched(*c.base, parts_.own, *c.from.peer);
  if (!c.caller.user.empty()) assert_identity(*c.base, c.caller.user);
}

message branch_requests::along(const proxy_context& c, const fork_way& w) const {
  auto m = c.base->copy();
  m.remove_headers("Max-Breadth");
  (void)m.add_header("Max-Breadth", std::to_string(c.forked.breadth));
  lead_along(m, w);
  if (!parts_.trust.trusted_peer(w.to)) hide_private(m);
  if (!c.in_dialog && w.callee && makes_dialog(m.method())) record(c, *w.callee, m);
  return m;
}

// Longer than calls last; a subscription that lasts longer begins anew.
void branch_requests::record(const proxy_context& c, const dialog_end& callee, message& m) const {
  constexpr std::uint32_t day = 86'400;
  dialog_token t;
  t.ends = static_cast<std::uint32_t>(core::unix_milliseconds(parts_.env.wall_now()) / 1000) + day;
  t.dialog = dialog_hash(m.call_id(), m.from().tag);
  t.made_by = node_hash(self_);
  t.caller = caller_end(*c.request, c.from);
  t.caller.user = c.caller.hash;
  if (t.caller.node) t.caller.node->authority = speaks_for(c.from, c.domain);
  t.callee = callee;
  t.domain = c.domain;
  record_route(m, parts_.own, parts_.sealer, t);
}

}  // namespace phyllo::sip
