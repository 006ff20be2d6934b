#include "pastry/pastry_views.hpp"

#include <algorithm>

#include "pastry/pastry_joiner.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration meeting_timeout = 4s;
constexpr core::duration unmet_for = 30s;
// When both sides of a gap hear of each other at once, the smaller Node-ID goes first; the other waits so long.
constexpr core::duration patience_min = 1500ms;
constexpr core::duration patience_max = 2500ms;

}  // namespace

void pastry_views::learn(const node_id& from, const leaf_set_state& s) {
  if (!learn_state(from, s) || !parts_.ring.record(from).peer) return;
  parts_.failures.hear(from, s);
  parts_.ring.note_named(from, s.left, s.right);
  parts_.ring.leafs.note_neighbours(from, s.left, s.right);
  std::size_t index = 0;
  for (const auto& n : s.left) on_named(n, from, s.named, index++);
  for (const auto& n : s.right) on_named(n, from, s.named, index++);
}

bool pastry_views::learn_state(const node_id& from, const leaf_set_state& s) {
  auto& r = parts_.ring.record(from);
  const bool was_active = r.active;
  const bool restarted = s.incarnation != r.incarnation;
  // Messages overtake each other, and an active node ends so by leaving alone: what says that it joins is older.
  const bool older = !restarted && was_active && !s.has(leaf_set_state::flag_active) && !s.has(leaf_set_state::flag_leaving);
  if (older) return false;
  note_own_words(r, from, s);
  return parts_.role->take_state(from, s, restarted || was_active != r.active);
}

void pastry_views::note_own_words(node_record& r, const node_id& from, const leaf_set_state& s) {
  const bool another = s.incarnation != r.incarnation && r.incarnation != 0 && !parts_.admission.granted(from);
  r.incarnation = s.incarnation;
  parts_.clocks.note(from, s);
  if (another) r.doubt.deaf = false;
  parts_.failures.ask_deaf(from);
  r.leaving = s.has(leaf_set_state::flag_leaving);
  r.active = r.peer && s.has(leaf_set_state::flag_active) && !r.leaving;
  if (another || r.leaving) r.admitted = false;
  if (!s.own.empty()) parts_.ring.learn_places(from, s.own);
  parts_.failed.found(from);
  r.link.uses_us = s.has(leaf_set_state::flag_uses);
  r.may_form = s.has(leaf_set_state::flag_may_form);
}

void pastry_views::on_named(const node_id& n, const node_id& by, const place_list& named, std::size_t index) {
  const auto wish = named_.consider(n, by, parts_.env.now());
  if (wish.ask_through) parts_.failures.ask_through(n, by);
  if (wish.enter && parts_.ring.enter(n)) parts_.membership.changed();
  if (wish.offer) parts_.table.offer({n, by, parts_.ring.table.slot_of(n), {}, named.of(index)});
  if (wish.meet) parts_.scope.spawn(meet(n, by, named.of(index)));
}

core::awaitable<void> pastry_views::meet(node_id n, node_id by, places at) {
  const bool vouched = parts_.admission.vouches(by);
  if (parts_.ring.active && n < parts_.ring.self()) {
    co_await core::sleep_for(parts_.env, core::random_between(parts_.env, patience_min, patience_max));
    if (parts_.ring.usable(n) || !parts_.ring.leafs.would_take(n)) {
      named_.met(n);
      on_named(n, by, {}, 0);
      co_return;
    }
  }
  const auto deadline = parts_.env.now() + meeting_timeout;
  const bool linked = co_await parts_.making.ensure(n, by, std::move(at), deadline);
  named_.met(n);
  if (!linked) {
    note_unmet(n, by);
  } else if (parts_.ring.record(n).peer) {
    if (vouched) parts_.ring.record(n).admitted = true;
    parts_.probes.send(n);
  } else {
    parts_.failed.put_off(n, parts_.env.now() + unmet_for);  // a client, whoever names it
  }
}

void pastry_views::note_unmet(const node_id& n, const node_id& by) {
  const auto until = parts_.env.now() + unmet_for;
  parts_.failures.ask_through(n, by);
  parts_.failed.put_off(n, until);
  // Whoever named it will hear so, and ask it.
  if (const auto* r = parts_.ring.find(n); parts_.ring.active && (r == nullptr || !r->link.open)) parts_.failed.name(n, until);
  if (parts_.links.to(by) != nullptr) parts_.probes.send(by);  // for those that stood behind it
}

void pastry_views::on_probe_answered(const node_id& n, const core::result<answer>& a) {
  if (a || a.error() == errc::timed_out) parts_.failures.note_answer(n, a.has_value());
  take_probe_answer(n, a);
  parts_.table.tried(n);
}

void pastry_views::take_probe_answer(const node_id& n, const core::result<answer>& a) {
  if (!a || a->contents.code != code::route_query_req + 1) return;
  const auto answered = route_query_answer::decode(a->contents.body);
  if (!answered || answered->type != query_type::probe) return;
  const auto& s = answered->state;
  if (parts_.own.joining())
    parts_.joiner.machine().probed(n, s);
  else
    parts_.joiner.machine().forget(n);
  if (auto* l = parts_.links.to(n)) parts_.ring.record(n).link.rtt = l->rtt();
  parts_.own.keep_grants(n, answered->granted);
  learn(n, s);
  if (parts_.admission.lacks_grant_of(n, s, parts_.env.now())) parts_.probes.send(n, leaf_set_state::flag_asks);
}

void pastry_views::help(const node_id& n, const leaf_set_state& s) {
  if (!parts_.ring.active) return;
  const auto theirs = leaf_set_of(n, leaf_set_size_, s.left, s.right);
  const auto lacks = [&](const node_id& m) { return theirs.would_take(m) && std::ranges::find(s.failed, m) == s.failed.end(); };
  bool useful = lacks(parts_.ring.self());
  for (const auto& m : parts_.ring.leafs.members()) useful |= parts_.ring.usable(m) && lacks(m);
  if (useful) parts_.probes.send(n);
}

}  // namespace phyllo::overlay
