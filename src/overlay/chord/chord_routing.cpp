#include "chord/chord_routing.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

// n lies in (from, to].
bool within(const node_id& from, const node_id& n, const node_id& to) { return n != from && clockwise(from, n) <= clockwise(from, to); }

}  // namespace

// Each peer of the Routing Table, some of them twice.
template <class F>
void chord_routing::each_route(F f) const {
  std::ranges::for_each(neighbours_.successors(), f);
  std::ranges::for_each(neighbours_.predecessors(), f);
  for (unsigned i = 1; i <= finger_table::fingers_max; ++i) {
    if (const auto& e = fingers_.at(i)) f(*e);
  }
}

decision chord_routing::decide(const destination& d, bool /*eager*/, const node_id* except) const {
  if (d.type == destination_type::opaque) return {};
  if (d.is_node(self_)) return {verdict::deliver, self_};
  const bool ours = active_ && neighbours_.responsible().contains(d.id);
  if (ours && d.type == destination_type::resource) return {verdict::deliver, self_};
  if (links_.contains(d.id) && (except == nullptr || *except != d.id)) return {verdict::forward, d.id};
  // There is no such node, or it would be known here.
  if (ours) return {};
  return towards(d.id, except);
}

decision chord_routing::towards(const node_id& key, const node_id* except) const {
  const auto next = next_hop(key, except);
  if (!next) return {};
  return {verdict::forward, *next};
}

std::optional<node_id> chord_routing::next_hop(const node_id& key, const node_id* except) const {
  std::optional<node_id> before;
  std::optional<node_id> after;
  each_route([&](const node_id& n) {
    if (except != nullptr && *except == n) return;
    if (within(self_, n, key)) {
      if (!before || clockwise(n, key) < clockwise(*before, key)) before = n;
    } else if (!after || clockwise(key, n) < clockwise(key, *after)) {
      after = n;
    }
  });
  return before ? before : after;
}

bool chord_routing::credible_root(const node_id& n, const node_id& key) const {
  const auto nearer = [&](const node_id& m) { return clockwise(key, m) < clockwise(key, n); };
  bool best = !active_ || !nearer(self_);
  each_route([&](const node_id& m) { best = best && !nearer(m); });
  return best;
}

bool chord_routing::well_routed(const node_id& from, const node_id& key) const {
  if (!is_active(from) || within(from, self_, key)) return true;
  return std::ranges::none_of(neighbours_.predecessors(), [&](const node_id& m) { return within(from, m, key); });
}

bool chord_routing::is_active(const node_id& n) const {
  if (n == self_) return active_;
  const auto at = links_.find(n);
  return at != links_.end() && at->second.ready;
}

chord_link* chord_routing::find(const node_id& n) {
  const auto at = links_.find(n);
  return at == links_.end() ? nullptr : &at->second;
}

std::vector<unsigned> chord_routing::missing_fingers() const {
  if (neighbours_.whole_ring()) return {};
  return fingers_.missing(neighbours_.successors().back());
}

bool chord_routing::enter(const node_id& n) {
  auto* link = find(n);
  if (link == nullptr) return false;
  link->ready = true;
  fingers_.insert(n);
  return neighbours_.insert(n);
}

bool chord_routing::remove(const node_id& n) {
  if (auto* link = find(n)) link->ready = false;
  const bool finger = fingers_.erase(n);
  const bool neighbour = neighbours_.erase(n);
  if (finger || neighbour) refill();
  return neighbour;
}

void chord_routing::refill() {
  for (const auto& [n, link] : links_) {
    if (!link.ready) continue;
    fingers_.insert(n);
    neighbours_.insert(n);
  }
}

}  // namespace phyllo::overlay
