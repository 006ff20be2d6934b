// The proxy within dialogs: from one end to the other and nowhere else; and to phones that hang on this node, for other nodes.
#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "phyllo/core/turn.hpp"
#include "proxy.hpp"

namespace phyllo::sip {
namespace {

// s.16.6 step 6: a next hop that is a strict router finds itself in the Request-URI.
void serve_strict_router(message& m) {
  const auto first = m.first_route();
  if (!first || first->uri.parameter("lr")) return;
  m.append_route("<" + m.request_uri().text() + ">");
  const auto next = first->uri.text();
  m.pop_routes(1);
  (void)m.set_request_uri(next);
}

constexpr std::size_t tokens_max = 4;  // of one dialog, for this node one after another: two, and two more after another node's end

fork_way way_to(const dialog_end& e) {
  fork_way w;
  w.to = e.to();
  return w;
}

}  // namespace

// True: it is the request of an end, and on its way, or answered.
bool proxy::within_dialog(const std::shared_ptr<context>& c, std::string_view proven) {
  if (!c->dialog) return false;
  const auto as = side_of(*c->dialog, *c->request, {c->from, proven}, parts_.env.wall_now(), self_);
  if (!as) return false;
  parts_.transactions.prove(c->from);
  forward_within(c, *as);
  return true;
}

// The token of the same dialog that stands next in the Route, if this node can open it.
std::optional<dialog_token> proxy::next_token(const message& m, const dialog_token& of) const {
  const auto first = m.first_route();
  auto next = first ? open_dialog_token(parts_.sealer, first->uri.user) : std::nullopt;
  if (!next || next->dialog != of.dialog) return std::nullopt;
  return next;
}

// Which end a request goes to from here. A node on the way may be this one: for a phone that came here when its own node died. It leads
// nowhere over a connection of another node, nor along a Route that goes on where the dialog does not.
proxy::lead proxy::onward(message& m, const dialog_token& t, side from) const {
  auto end = other_end(t, from);
  auto made_by = t.made_by;
  for (std::size_t turns = 0; end.node && end.node->id == self_; ++turns) {  // each turn takes a Route
    const auto next = turns < tokens_max ? next_token(m, t) : std::nullopt;
    if (!next) return {};
    m.pop_routes(1);
    end = other_end(*next, from);
    made_by = next->made_by;
  }
  if (end.node || end.beyond) return {end};
  if (m.first_route()) return {};
  const bool ours = made_by == node_hash(self_);
  if (!ours && reliable(end.over.by)) return {};
  return {std::move(end), ours};
}

void proxy::forward_within(std::shared_ptr<context> c, side from) {
  auto& m = *c->base;
  const auto [end, sure] = onward(m, *c->dialog, from);
  c->sender = from;
  c->lost = end ? *end : other_end(*c->dialog, from);
  if (!sure) c->spare.push_back(way_to(*end));
  if (!end && (m.first_route() || !may_look_for(*c))) return reply(*c, 404, "The Dialog Does Not Lead There");
  if (end && end->beyond && !end->node) return scope_.spawn(forward_beyond(c, *end));
  if (end && end->node) spare_way_past(*c, from);
  const bool lives = end && sure && !(end->node && targets_.dead(end->node->id));
  if (lives) return fork_one(*c, std::vector<fork_way>(1, way_to(*end)));
  if (may_go_on(*c)) return scope_.spawn(go_on(c));
  reply(*c, 480);
}

// When its node is dead: a phone that it spoke to by UDP is spoken to from here.
void proxy::spare_way_past(context& c, side from) const {
  const auto next = next_token(*c.base, *c.dialog);
  if (!next) return;
  const auto& after = other_end(*next, from);
  if (after.node || after.beyond || reliable(after.over.by)) return;
  c.spare.push_back(way_to(after));
  c.spare.back().left_out = 1;
}

// There are ways left for a request within a dialog when those that the token knows have failed.
bool proxy::may_go_on(const context& c) const {
  return !c.answered && !c.cancelled && !c.searching && (!c.spare.empty() || may_look_for(c));
}

// The end's user is known, and this request names him.
bool proxy::may_look_for(const context& c) const {
  if (!c.lost || c.lost->user == 0 || c.lost->beyond) return false;
  const auto user = parts_.own.callee_of(c.request->to().uri);
  return user && user_hash(*user) == c.lost->user;
}

// A phone whose node has died, or whose connection has broken, has come back by another way: where its user is registered now, the phone
// with the dialog's Contact first. Others of his phones know nothing of the dialog, and say 481. What else is left follows.
core::awaitable<void> proxy::go_on(std::shared_ptr<context> c) {
  c->searching = true;
  co_await core::next_turn();  // whoever has found the known ways in vain is still at work with them
  std::vector<fork_way> ways;
  if (!c->answered && may_look_for(*c)) {
    const auto user = *parts_.own.callee_of(c->request->to().uri);
    const auto found = co_await lookup_.get(user, false);
    if (!c->answered && found && *found) ways = ways_now(*c, user, (*found)->values);
  }
  if (c->answered) co_return;
  std::ranges::move(c->spare, std::back_inserter(ways));
  forget_branches(*c);
  if (ways.empty()) co_return reply(*c, 480);
  fork_one(*c, std::move(ways));
}

// To where the end's user is registered: over supernodes that live first.
std::vector<fork_way> proxy::ways_now(const context& c, const std::string& user, const std::vector<overlay::stored_value>& values) const {
  auto bindings = to_bindings(values, self_, parts_.env.wall_now());
  const auto target = c.base->request_uri();
  const auto last = [&](const binding& b) {
    const bool holder_is_dead = b.holder && targets_.dead(b.holder->id);
    return std::tuple(holder_is_dead, !b.contact.same_as(target), std::numeric_limits<std::uint64_t>::max() - b.stored_at_ms);
  };
  std::ranges::sort(bindings, {}, last);
  auto ways = targets_.ways_of(user, bindings);
  std::erase_if(ways, [&](fork_way& w) { return !led_by_dialog(c, w); });
  for (auto& w : ways) w.left_out = c.base->routes().size();
  return ways;
}

// A Path leads to a phone what this node has asked for, and within a dialog it has asked nobody. So the phone's node is shown the dialog's
// token with the phone as it is registered now. False: this way is none for a dialog.
bool proxy::led_by_dialog(const context& c, fork_way& w) const {
  if (w.routes.empty()) return true;
  auto first = uri_within(w.routes.front());
  const auto path = first ? open_path_token(parts_.sealer, first->user) : std::nullopt;
  if (!path || path->phone.beyond || w.routes.size() != 1) return false;
  auto t = *c.dialog;
  (c.sender == side::caller ? t.callee : t.caller) = path->phone;
  t.made_by = path->made_by;
  t.domain = path->domain;
  first->user = seal(parts_.sealer, t);
  first->remove_parameter("direct");
  first->remove_parameter("sha256");
  w.routes.front() = "<" + first->text() + ">";
  return true;
}

void proxy::forget_branches(context& c) {
  for (const auto client : c.branches) clients_.erase(client);
  c.branches.clear();
  c.attempts.clear();
  c.answers.clear();
}

// To a proxy of others: over its connection, or where its Record-Route leads if that is the address that it was heard at.
core::awaitable<void> proxy::forward_beyond(std::shared_ptr<context> c, dialog_end to) {
  std::vector<fork_way> ways(1, way_to(to));
  if (reliable(to.over.by)) {
    const auto first = c->base->first_route();
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
  fork_one(*c, std::move(ways));
}

void proxy::to_phone(context& c, const path_token& path) {
  if (!leads_to_phone(path, parts_.env.wall_now(), self_)) return reply(c, 430, "Flow Failed");
  c.to_phone = true;
  c.domain = path.domain;
  auto way = way_to(path.phone);
  way.callee = path.phone;
  std::vector<fork_way> ways;
  ways.push_back(std::move(way));
  fork_one(c, std::move(ways));
}

void proxy::fork_one(context& c, std::vector<fork_way> ways) {
  fork_target t;
  t.ways = std::move(ways);
  std::vector<fork_target> targets;
  targets.push_back(std::move(t));
  fork(c, std::move(targets));
}

}  // namespace phyllo::sip
