#include "storage/sync_state.hpp"

#include <algorithm>

namespace phyllo::overlay {

void sync_state::activated(const replica_sets& now) {
  here_.clear();
  unproven_.clear();
  unsynced_.clear();
  answered_.clear();
  if (now.size() < 2) return;
  for (const auto& a : now.arcs_of(self_)) here_.add(a);
}

void sync_state::changed(const replica_sets& before, const replica_sets& after) {
  for (const auto& [node, where] : newcomers(before, after)) {
    if (node == self_) {
      here_.add(where);
    } else if (after.has(where.first, self_)) {
      unsynced_[node].add(where);
      answered_[node].subtract(where);
    }
  }
  note_new_roots(before, after);
  const auto gone = [&](const auto& entry) { return after.find(entry.first) == nullptr || entry.second.empty(); };
  std::erase_if(unsynced_, gone);
  std::erase_if(answered_, gone);
  // What this node or a member no longer has a share in needs no syncing.
  for (const auto& a : after.arcs()) {
    const bool mine = after.has(a.first, self_);
    if (!mine) synced_here(a);
    for (auto& [node, where] : unsynced_) {
      if (!mine || !after.has(a.first, node)) where.subtract(a);
    }
  }
  std::erase_if(unsynced_, [](const auto& entry) { return entry.second.empty(); });
}

void sync_state::note_new_roots(const replica_sets& before, const replica_sets& after) {
  const auto is_root = [&](const resource_id& key) { return after.root(key) == self_; };
  for (const auto& a : after.arcs()) {
    if (after.size() < 2 || !(is_root(a.first) || is_root(a.last) || a.contains(self_))) continue;
    if (before.view(a) != after.view(a)) unproven_.add(a);
  }
}

void sync_state::sync_again(const std::vector<arc>& where) {
  for (const auto& a : where) here_.add(a);
}

void sync_state::answered(const node_id& asker, const arc& a) { answered_[asker].add(a); }

void sync_state::synced(const node_id& who, const arc& a) {
  const auto at = unsynced_.find(who);
  const auto answers = answered_.find(who);
  if (at == unsynced_.end() || answers == answered_.end()) return;
  for (const auto& known : answers->second.within(a)) at->second.subtract(known);
  if (at->second.empty()) unsynced_.erase(at);
}

bool sync_state::unsynced(const node_id& who, const resource_id& key) const {
  if (who == self_) return here_.contains(key);
  const auto at = unsynced_.find(who);
  return at != unsynced_.end() && at->second.contains(key);
}

std::vector<node_id> sync_state::unsynced(const std::vector<member>& of, const resource_id& key) const {
  std::vector<node_id> found;
  for (const auto& m : of) {
    if (unsynced(m.node, key)) found.push_back(m.node);
  }
  return found;
}

bool sync_state::unsynced_anywhere(const node_id& who, const arc& a) const {
  if (who == self_) return here_.intersects(a);
  const auto at = unsynced_.find(who);
  return at != unsynced_.end() && at->second.intersects(a);
}

std::vector<node_id> sync_state::to_remind() const {
  std::vector<node_id> found;
  for (const auto& [node, where] : unsynced_) found.push_back(node);
  return found;
}

}  // namespace phyllo::overlay
