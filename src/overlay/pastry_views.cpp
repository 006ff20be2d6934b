// Of the plug-in: what this node learns from others' leaf sets and rows.
#include <algorithm>

#include "pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t meetings_max = 128;
constexpr std::size_t table_candidates_max = 1024;
constexpr core::duration meeting_timeout = 4s;
constexpr core::duration unmet_for = 5s;

}  // namespace

void pastry::learn(const node_id& from, const leaf_set_state& s) {
  auto& r = ring_.record(from);
  const bool was_active = r.active;
  const bool restarted = s.incarnation != r.incarnation;
  r.incarnation = s.incarnation;
  r.leaving = s.has(leaf_set_state::flag_leaving);
  r.active = s.has(leaf_set_state::flag_active) && !r.leaving;
  failed_.erase(from);
  lost_.erase(from);
  if (options_.client) return note_peers(from, s);
  bool changed = was_active != r.active || restarted;
  if (r.active) {
    admission_.release(from);
    grant_.release(from);
    changed |= ring_.enter(from);
  } else if (grant_.holder() != from) {
    changed |= ring_.remove(from);
    if (changed) refill();
  }
  for (const auto& n : s.failed) {
    if (ring_.leafs.contains(n)) suspect(n);
  }
  for (const auto& n : s.left) consider(n, from);
  for (const auto& n : s.right) consider(n, from);
  if (changed) members_changed();
}

// A node that another one names: into the leaf set it comes only after it has answered a probe itself.
void pastry::consider(const node_id& n, const node_id& named_by) {
  // Who is asked already will answer: on long ways many name it before it does, and each answer names more.
  if (n == ring_.self() || failed_.contains(n) || meeting_.contains(n) || probes_open_.contains(n)) return;
  const auto* known = ring_.find(n);
  if (known != nullptr && known->leaving) return;
  if (ring_.usable(n)) {
    if (ring_.enter(n)) members_changed();
    return;
  }
  if (ring_.table.wants(n) && table_candidates_.size() < table_candidates_max) table_candidates_.insert(n);
  if (!ring_.leafs.would_take(n) || meeting_.size() >= meetings_max) return;
  if (const auto at = unmet_.find(n); at != unmet_.end() && env_.now() < at->second) return;
  meeting_.insert(n);
  scope_.spawn(meet(n, named_by));
}

core::awaitable<void> pastry::meet(node_id n, node_id named_by) {
  const auto deadline = env_.now() + meeting_timeout;
  const bool linked = co_await ensure_link(n, named_by, deadline);
  meeting_.erase(n);
  if (linked) {
    probe(n);
  } else {
    unmet_[n] = env_.now() + unmet_for;
  }
}

void pastry::probe(const node_id& n, std::uint8_t flags) {
  route_query_request q;
  q.target = destination::to_node(n);
  q.type = query_type::probe;
  q.state = my_state(flags);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  ++probes_open_[n];
  auto done = [this, n](const core::result<answer>& a) { on_probe_answer(n, a); };
  messenger_.request({destination::to_node(n)}, std::move(m), env_.now() + 3s, {.link_only = true}, std::move(done));
}

void pastry::on_probe_answer(const node_id& n, const core::result<answer>& a) {
  if (const auto open = probes_open_.find(n); open != probes_open_.end() && --open->second == 0) probes_open_.erase(open);
  // "failed is cleared when no probe is open."
  if (probes_open_.empty() && detector_.empty()) failed_.clear();
  if (!a || a->contents.code != code::route_query_req + 1) return;
  const auto answered = route_query_answer::read(a->contents.body);
  if (!answered || answered->type != query_type::probe) return;
  std::erase_if(join_states_, [&](const auto& s) { return s.first == n; });
  if (state_ == peer_state::joining) join_states_.emplace_back(n, answered->state);
  if (auto* l = links_.to(n)) ring_.record(n).rtt = l->rtt();
  learn(n, answered->state);
}

// A node that has just become active may have missed those that became so at the same moment: whoever knows both
// makes them meet.
void pastry::help(const node_id& n, const leaf_set_state& s) {
  if (!ring_.active) return;
  leaf_set theirs(n, options_.leaf_set);
  for (const auto& m : s.left) theirs.insert(m);
  for (const auto& m : s.right) theirs.insert(m);
  const auto lacks = [&](const node_id& m) { return theirs.would_take(m) && std::ranges::find(s.failed, m) == s.failed.end(); };
  bool useful = lacks(ring_.self());
  for (const auto& m : ring_.leafs.members()) useful |= ring_.usable(m) && lacks(m);
  if (useful) probe(n);
}

// Nodes that fell off a full leaf set are still linked: they come back when it has room.
void pastry::refill() {
  for (const auto& [n, r] : ring_.records()) {
    if (ring_.usable(n)) ring_.leafs.insert(n);
  }
}

void pastry::consider_rows(const std::vector<table_row>& rows) {
  for (const auto& row : rows) {
    for (const auto& n : row.entries) {
      if (table_candidates_.size() >= table_candidates_max) break;
      if (n != ring_.self() && !failed_.contains(n) && ring_.table.wants(n)) table_candidates_.insert(n);
    }
  }
  if (ring_.active && !filling_ && !table_candidates_.empty()) {
    filling_ = true;
    scope_.spawn(fill_table());
  }
}

core::awaitable<void> pastry::fill_table() {
  while (!table_candidates_.empty()) {  // ends: every turn takes one out
    const auto n = *table_candidates_.begin();
    table_candidates_.erase(table_candidates_.begin());
    if (!ring_.table.wants(n) || failed_.contains(n) || meeting_.contains(n)) continue;
    if (const auto* r = ring_.find(n); r != nullptr && r->leaving) continue;
    const auto deadline = env_.now() + meeting_timeout;
    const bool linked = co_await ensure_link(n, std::nullopt, deadline);
    if (linked) probe(n);
  }
  filling_ = false;
}

}  // namespace phyllo::overlay
