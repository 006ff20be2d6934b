#include "dialog_forwarding.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "message_fields.hpp"
#include "phyllo/core/turn.hpp"

namespace phyllo::sip {

dialog_forwarding::dialog_forwarding(parts p, identity::node_id self) : parts_(p), self_(self) { parts_.branches.observe(this); }

bool dialog_forwarding::forward(const std::shared_ptr<proxy_context>& c, std::string_view proven) {
  if (!c->dialog.token) return false;
  const auto as = side_of(*c->dialog.token, *c->request, {c->from, proven}, parts_.env.wall_now(), self_);
  if (!as) return false;
  parts_.transactions.prove(c->from);
  forward_from(c, *as);
  return true;
}

void dialog_forwarding::forward_from(std::shared_ptr<proxy_context> c, side from) {
  auto& m = *c->base;
  const auto [end, sure] = parts_.leads.onward(m, *c->dialog.token, from);
  c->dialog.sender = from;
  c->dialog.lost = std::make_unique<const dialog_end>(end ? *end : other_end(*c->dialog.token, from));
  if (!sure) c->dialog.spare.push_back(way_to(*end));
  if (!end && (first_route(m) || !may_look_for(*c))) return parts_.replies.reply(*c, 404, "The Dialog Does Not Lead There");
  if (end && end->beyond && !end->node) return parts_.scope.spawn(forward_beyond(c, *end));
  if (end && end->node) {
    if (auto past = parts_.leads.past_node(m, *c->dialog.token, from)) c->dialog.spare.push_back(std::move(*past));
  }
  const bool lives = end && sure && !(end->node && parts_.targets.dead(end->node->id));
  if (lives) return parts_.branches.fork_one(*c, std::vector<fork_way>(1, way_to(*end)));
  if (may_go_on(*c)) return parts_.scope.spawn(go_on(c));
  parts_.replies.reply(*c, 480);
}

// There are ways left for a request within a dialog when those that the token knows have failed.
bool dialog_forwarding::may_go_on(const proxy_context& c) const {
  return !c.answered && !c.cancelled && !c.dialog.searching && (!c.dialog.spare.empty() || may_look_for(c));
}

// The end's user is known, and this request names him.
bool dialog_forwarding::may_look_for(const proxy_context& c) const {
  if (!c.dialog.lost || c.dialog.lost->user == 0 || c.dialog.lost->beyond) return false;
  const auto user = parts_.own.callee_of(c.request->to().uri);
  return user && user_hash(*user) == c.dialog.lost->user;
}

bool dialog_forwarding::look_further(proxy_context& c) {
  if (!may_go_on(c)) return false;
  parts_.scope.spawn(go_on(parts_.contexts.find(c.id)));
  return true;
}

// A phone whose node has died, or whose connection has broken, has come back by another way: where its user is registered now, the phone
// with the dialog's Contact first. Others of his phones know nothing of the dialog, and say 481. What else is left follows.
core::awaitable<void> dialog_forwarding::go_on(std::shared_ptr<proxy_context> c) {
  c->dialog.searching = true;
  co_await core::next_turn();  // whoever has found the known ways in vain is still at work with them
  std::vector<fork_way> ways;
  if (!c->answered && may_look_for(*c)) {
    const auto user = *parts_.own.callee_of(c->request->to().uri);
    const auto found = co_await parts_.lookup.get(user, false);
    if (!c->answered && found && *found) ways = ways_now(*c, user, (*found)->values);
  }
  if (c->answered) co_return;
  std::ranges::move(c->dialog.spare, std::back_inserter(ways));
  parts_.contexts.forget_branches(*c);
  if (ways.empty()) co_return parts_.replies.reply(*c, 480);
  parts_.branches.fork_one(*c, std::move(ways));
}

// To where the end's user is registered: over supernodes that live first.
std::vector<fork_way> dialog_forwarding::ways_now(const proxy_context& c, const std::string& user,
                                                  const std::vector<overlay::stored_value>& values) const {
  auto bindings = to_bindings(values, self_, parts_.env.wall_now());
  const auto target = c.base->request_uri();
  const auto last = [&](const binding& b) {
    const bool holder_is_dead = b.holder && parts_.targets.dead(b.holder->id);
    return std::tuple(holder_is_dead, !b.contact.same_as(target), std::numeric_limits<std::uint64_t>::max() - b.stored_at_ms);
  };
  std::ranges::sort(bindings, {}, last);
  auto ways = parts_.targets.ways_of(user, bindings);
  std::erase_if(ways, [&](fork_way& w) { return !parts_.leads.lead_by(w, *c.dialog.token, c.dialog.sender); });
  for (auto& w : ways) w.left_out = c.base->routes().size();
  return ways;
}

// To a proxy of others: over its connection, or where its Record-Route leads if that is the address that it was heard at.
core::awaitable<void> dialog_forwarding::forward_beyond(std::shared_ptr<proxy_context> c, dialog_end to) {
  std::vector<fork_way> ways(1, way_to(to));
  if (reliable(to.over.by)) {
    const auto first = first_route(*c->base);
    auto next = c->base->request_uri();
    if (first) next = first->uri;
    const auto servers = co_await parts_.servers.find(std::move(next));
    if (c->answered) co_return;
    for (const auto& each : servers) {
      if (!reliable(each.by) || each.at.address != to.over.remote.address) continue;
      fork_way again;
      again.to = each;
      ways.push_back(std::move(again));
    }
  }
  serve_strict_router(*c->base);
  parts_.branches.fork_one(*c, std::move(ways));
}

void dialog_forwarding::to_phone(proxy_context& c, const path_token& path) {
  if (!leads_to_phone(path, parts_.env.wall_now(), self_)) return parts_.replies.reply(c, 430, "Flow Failed");
  c.to_phone = true;
  c.domain = path.domain;
  auto way = way_to(path.phone);
  way.callee = path.phone;
  std::vector<fork_way> ways;
  ways.push_back(std::move(way));
  parts_.branches.fork_one(c, std::move(ways));
}

}  // namespace phyllo::sip
