// Of the plug-in: what this node learns from others' leaf sets and rows.
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t meetings_max = 128;
constexpr core::duration meeting_timeout = 4s;
constexpr core::duration unmet_for = 30s;
constexpr core::duration heard_lately = 1s;
// When both sides of a gap hear of each other at once, the smaller Node-ID goes first; the other waits so long.
constexpr core::duration patience_min = 1500ms;
constexpr core::duration patience_max = 2500ms;

}  // namespace

void pastry::learn(const node_id& from, const leaf_set_state& s) {
  if (!learn_state(from, s) || !ring_.record(from).peer) return;
  hear_of_failures(from, s);
  ring_.note_named(from, s.left, s.right);
  ring_.leafs.note_neighbours(from, s.left, s.right);
  std::size_t index = 0;
  for (const auto& n : s.left) consider(n, from, s.named, index++);
  for (const auto& n : s.right) consider(n, from, s.named, index++);
}

// Of itself alone. False: the lists do not matter here.
bool pastry::learn_state(const node_id& from, const leaf_set_state& s) {
  auto& r = ring_.record(from);
  const bool was_active = r.active;
  const bool restarted = s.incarnation != r.incarnation;
  // Messages overtake each other, and an active node ends so by leaving alone: what says that it joins is older.
  const bool older = !restarted && was_active && !s.has(leaf_set_state::flag_active) && !s.has(leaf_set_state::flag_leaving);
  if (older) return false;
  const bool another = restarted && r.incarnation != 0 && grant_.holder() != from;
  r.incarnation = s.incarnation;
  note_clock(from, s);
  if (another) r.deaf = false;
  ask_deaf(from);
  r.leaving = s.has(leaf_set_state::flag_leaving);
  r.active = r.peer && s.has(leaf_set_state::flag_active) && !r.leaving;
  if (another || r.leaving) r.admitted = false;
  if (!s.own.empty()) ring_.learn_places(from, s.own);
  failed_.erase(from);
  lost_.found(from);
  r.uses_us = s.has(leaf_set_state::flag_uses);
  r.may_form = s.has(leaf_set_state::flag_may_form);
  if (client_) {
    client_->note_peers(from, s);
    return false;
  }
  bool changed = was_active != r.active || restarted;
  if (r.active) {
    judge(from, s);
    end_grants(from, r.admitted);
    changed |= ring_.enter(from);
  } else if (grant_.holder() != from) {
    const bool left_a_gap = ring_.remove(from);
    if (left_a_gap) refill();
    changed |= left_a_gap;
  }
  if (changed) members_changed();
  return true;
}

// A node that another one names: into the leaf set it comes only after it has answered a probe itself.
void pastry::consider(const node_id& n, const node_id& named_by, const place_list& named, std::size_t index) {
  const bool leaf = ring_.leafs.would_take(n);
  const bool entry = ring_.table.wants(n);
  if (!leaf && !entry) return;  // so it is with nearly all
  const auto* known = ring_.find(n);
  if (leaf && known != nullptr && vouches(named_by)) ring_.record(n).admitted = true;
  // Who is asked already will answer: on long ways many name it before it does, and each answer names more.
  if (meeting_.contains(n) || probes_open_.contains(n)) return;
  if (failed_.contains(n)) return leaf ? ask_through(n, named_by) : void();
  if (known != nullptr && known->leaving) return;
  if (known != nullptr && known->usable()) {
    if (ring_.enter(n)) members_changed();
    return;
  }
  if (entry) table_.offer({n, named_by, ring_.table.slot_of(n), {}, named.of(index)});
  if (!leaf || meeting_.size() >= meetings_max || !fits_beside_met(n)) return;
  if (const auto* until = unmet_.find(n); until != nullptr && env_.now() < *until) return;
  meeting_.insert(n);
  scope_.spawn(meet(n, named_by, named.of(index)));
}

// It would be a leaf, too, when those that are being met have become leafs: while a leaf set fills, half of all that are
// named would be in it for a moment only.
bool pastry::fits_beside_met(const node_id& n) const {
  auto then = ring_.leafs;
  for (const auto& m : meeting_) then.insert(m);
  for (const auto& [m, open] : probes_open_) {
    const auto* r = ring_.find(m);
    if (r != nullptr && r->linked && !r->suspect) then.insert(m);
  }
  return then.would_take(n);
}

core::awaitable<void> pastry::meet(node_id n, node_id named_by, places at) {
  const bool vouched = vouches(named_by);
  if (ring_.active && n < ring_.self()) {
    co_await core::sleep_for(env_, core::random_between(env_, patience_min, patience_max));
    if (ring_.usable(n) || !ring_.leafs.would_take(n)) {
      meeting_.erase(n);
      consider(n, named_by);
      co_return;
    }
  }
  const auto deadline = env_.now() + meeting_timeout;
  const bool linked = co_await link_maker_.ensure(n, named_by, std::move(at), deadline);
  meeting_.erase(n);
  if (linked && !ring_.record(n).peer) {
    unmet_.try_emplace(n).first = env_.now() + unmet_for;  // a client, whoever names it
  } else if (linked) {
    if (vouched) ring_.record(n).admitted = true;
    probe(n);
  } else {
    ask_through(n, named_by);
    unmet_.try_emplace(n).first = env_.now() + unmet_for;
    // Whoever named it will hear so, and ask it.
    if (const auto* r = ring_.find(n); ring_.active && (r == nullptr || !r->linked)) failed_.try_emplace(n).first = env_.now() + unmet_for;
    if (links_.to(named_by) != nullptr) probe(named_by);  // for those that stood behind it
  }
}

void pastry::probe(const node_id& n, std::uint8_t flags) {
  route_query_request q;
  q.target = destination::to_node(n);
  q.type = query_type::probe;
  q.state = my_state_for(n, flags);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  ++probes_open_[n];
  auto done = [this, n](const core::result<answer>& a) { on_probe_answer(n, a); };
  messenger_.request({destination::to_node(n)}, std::move(m), env_.now() + 3s, {.link_only = true}, std::move(done));
}

void pastry::reconcile(const node_id& n) {
  if (!probes_open_.contains(n)) probe(n);
}

void pastry::on_probe_answer(const node_id& n, const core::result<answer>& a) {
  if (const auto open = probes_open_.find(n); open != probes_open_.end() && --open->second == 0) probes_open_.erase(open);
  if (a || a.error() == errc::timed_out) note_answer(n, a.has_value());
  take_probe_answer(n, a);
  table_.tried(n);
}

void pastry::take_probe_answer(const node_id& n, const core::result<answer>& a) {
  if (!a || a->contents.code != code::route_query_req + 1) return;
  const auto answered = route_query_answer::read(a->contents.body);
  if (!answered || answered->type != query_type::probe) return;
  std::erase_if(join_states_, [&](const auto& s) { return s.first == n; });
  if (state_ == peer_state::joining) join_states_.emplace_back(n, answered->state);
  if (auto* l = links_.to(n)) ring_.record(n).rtt = l->rtt();
  keep_grants(n, answered->granted);
  learn(n, answered->state);
  seek_grant(n, answered->state);
}

leaf_set pastry::leafs_of(const node_id& n, const leaf_set_state& s) const {
  leaf_set theirs(n, options_.leaf_set);
  for (const auto& m : s.left) theirs.insert(m);
  for (const auto& m : s.right) theirs.insert(m);
  return theirs;
}

// A node that has just become active may have missed those that became so at the same moment: whoever knows both
// makes them meet.
void pastry::help(const node_id& n, const leaf_set_state& s) {
  if (!ring_.active) return;
  const auto theirs = leafs_of(n, s);
  const auto lacks = [&](const node_id& m) { return theirs.would_take(m) && std::ranges::find(s.failed, m) == s.failed.end(); };
  bool useful = lacks(ring_.self());
  for (const auto& m : ring_.leafs.members()) useful |= ring_.usable(m) && lacks(m);
  if (useful) probe(n);
}

// Nodes that fell off a full leaf set are still linked: they come back when it has room. But that one has died is told to those only that
// had it in their leaf sets: who was silent for a while enters when it has answered a probe, or if there is nobody else.
void pastry::refill() {
  auto then = ring_.leafs;
  for (const auto& [n, r] : ring_.records()) {
    if (r.usable() && r.admitted) then.insert(n);
  }
  std::vector<node_id> silent;
  for (const auto& n : then.members()) {
    if (ring_.leafs.contains(n)) continue;
    if (env_.now() - ring_.record(n).heard < heard_lately)
      ring_.leafs.insert(n);
    else
      silent.push_back(n);
  }
  for (const auto& n : silent) {
    if (lost_a_side()) ring_.leafs.insert(n);
    if (!probes_open_.contains(n)) probe(n);
  }
  if (ring_.active && lost_a_side()) begin_again();
}

}  // namespace phyllo::overlay
