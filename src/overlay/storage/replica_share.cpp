#include "storage/replica_share.hpp"

#include <algorithm>

#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

replica_share::replica_share(core::environment& env, const surroundings& ring, const storage_options& options)
    : env_(env),
      ring_(ring),
      replicas_(options.replicas),
      kinds_(options.kinds.empty() ? std::vector<kind>(known_kinds().begin(), known_kinds().end()) : options.kinds),
      store_(known_kinds(), options, options.quotas),
      state_(ring.self()),
      alarm_(env) {}

void replica_share::refresh() {
  auto known = ring_.members();
  const auto same_node = [](const member& a, const member& b) {
    return a.node == b.node && a.incarnation == b.incarnation && a.active == b.active;
  };
  const auto same = [&](const member& a, const member& b) { return same_node(a, b) && a.suspect == b.suspect; };
  if (std::ranges::equal(known, known_, same)) return;
  replica_sets now(ring_.self(), known, ring_.leaf_set_size(), replicas_);
  // Suspects come and go with every lost message, and are members all the while.
  const bool members = ring_.active() && !std::ranges::equal(known, known_, same_node);
  if (members) state_.changed(sets_, now);
  known_ = std::move(known);
  sets_ = std::move(now);
  if (changed_) changed_(members);
  alarm_.wake();
}

void replica_share::activated() {
  refresh();
  state_.activated(sets_);
  alarm_.wake();
}

void replica_share::synced(const node_id& who, const arc& where, std::uint64_t view) {
  refresh();
  if (where.last < where.first || sets_.view(where) != view) return;
  state_.synced(who, where);
}

void replica_share::unsynced_here(const node_id& keeper) {
  refresh();
  std::vector<arc> shared;
  for (const auto& a : sets_.arcs_of(ring_.self())) {
    if (sets_.has(a.first, keeper)) shared.push_back(a);
  }
  sync_again(shared);
}

void replica_share::sync_again(const std::vector<arc>& where) {
  if (where.empty()) return;
  state_.sync_again(where);
  alarm_.wake();
}

bool replica_share::knows(const node_id& n) const { return std::ranges::find(known_, n, &member::node) != known_.end(); }

std::vector<node_id> replica_share::other_holders(const resource_id& resource) const {
  std::vector<node_id> out;
  for (const auto& m : sets_.set(resource)) {
    if (m.node != ring_.self()) out.push_back(m.node);
  }
  return out;
}

std::optional<extension> replica_share::state_of(const resource_id& resource, unsigned holders) const {
  const auto set = sets_.set(resource);
  replica_state s;
  s.view = replica_sets::view_of(set);
  s.holders = static_cast<std::uint8_t>(std::min(holders, 255U));
  for (const auto& m : set) s.members.push_back(m.node);
  s.unsynced = state_.unsynced(set, resource);
  return s.encode();
}

bool replica_share::at_rest() const {
  return state_.here().empty() && state_.unproven().empty() && late_.empty() && state_.to_remind().empty();
}

// The node asks whenever its ring has changed, and counting goes through all that is held.
storage_counts replica_share::counts() const {
  const auto began = env_.now();
  const auto late = late_.resources(began);
  const auto* known = counted_.get(began);
  auto c = known != nullptr ? *known : count(late);
  if (known == nullptr) counted_.keep(c, began, env_.now());
  c.synced = state_.here().empty() && state_.unproven().empty() && state_.to_remind().empty() && late.empty();
  return c;
}

storage_counts replica_share::count(const std::set<resource_id>& late) const {
  storage_counts c;
  const auto self = ring_.self();
  const auto live = [&](const resource_id& resource) { return store_.live(resource); };
  c.records = static_cast<std::uint64_t>(std::ranges::count_if(store_.resources(whole_ring()), live));
  for (const auto& share : sets_.arcs_of(self)) {
    const auto set = sets_.set(share.first);
    for (const auto& resource : store_.resources(share)) {
      if (!live(resource)) continue;
      if (sets_.root(resource) != self) {
        ++c.replicas;
        continue;
      }
      ++c.primary;
      c.under_replicated += state_.unsynced(set, resource).empty() && !late.contains(resource) ? 0 : 1;
    }
  }
  return c;
}

}  // namespace phyllo::overlay
