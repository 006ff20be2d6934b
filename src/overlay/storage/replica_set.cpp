#include "storage/replica_set.hpp"

#include <algorithm>
#include <set>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"
#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

// Where the set changes when a key moves clockwise past the middle between p and the n-th node after it: from here on q is
// nearer than p. At equal distance the smaller Node-ID is nearer.
uint128 passes(const node_id& p, const node_id& q) {
  const auto span = to_integer(q) - to_integer(p);
  const bool tie_to_q = span % 2 == 0 && q < p;
  return to_integer(p) + span / 2 + (tie_to_q ? 0 : 1);
}

bool same(const member& a, const member& b) { return a.node == b.node && a.incarnation == b.incarnation; }

bool contains(const std::vector<member>& list, const node_id& node) { return std::ranges::find(list, node, &member::node) != list.end(); }

}  // namespace

replica_sets::replica_sets(const node_id& self, const std::vector<member>& known, std::size_t leaf_set_size, unsigned k)
    : self_(self),
      k_(k),
      near_(std::max<std::size_t>(k, std::min<std::size_t>(2 * k, leaf_set_size / 2))),
      whole_(known.size() <= leaf_set_size) {
  for (const auto& m : known) {
    if (!m.active) continue;
    ring_.push_back(m);
    if (m.node == self) ring_.back().suspect = false;
  }
  std::ranges::sort(ring_, {}, &member::node);
  for (const auto& m : ring_) positions_.push_back(to_integer(m.node));
  if (!whole_) find_ends(known, leaf_set_size / 2);
}

// In a small ring half a leaf set may span more than half of the circle.
void replica_sets::find_ends(const std::vector<member>& known, std::size_t half) {
  std::vector<node_id> around;
  for (const auto& m : known) {
    if (m.node != self_) around.push_back(m.node);
  }
  std::ranges::sort(around, {}, [this](const node_id& n) { return clockwise(self_, n); });
  right_ = around[half - 1];
  left_ = around[around.size() - half];
}

// Outward from the key on both sides at once: each node is met first from the side on which it is nearer.
std::vector<member> replica_sets::nearest(const resource_id& key, std::size_t count) const {
  std::vector<member> found;
  const auto size = ring_.size();
  if (size == 0) return found;
  count = std::min(count, size);
  found.reserve(count);
  const auto at = to_integer(key);
  const auto after = static_cast<std::size_t>(std::ranges::lower_bound(positions_, at) - positions_.begin());
  auto right = after % size;
  auto left = (after + size - 1) % size;
  while (found.size() < count) {
    const auto forth = positions_[right] - at;
    const auto back = at - positions_[left];
    const bool take_right = forth != back ? forth < back : positions_[right] < positions_[left];
    found.push_back(ring_[take_right ? right : left]);
    if (take_right) {
      right = (right + 1) % size;
    } else {
      left = (left + size - 1) % size;
    }
  }
  return found;
}

std::vector<member> replica_sets::set(const resource_id& key) const { return nearest(key, k_); }

std::vector<member> replica_sets::neighbourhood(const resource_id& key) const { return nearest(key, near_); }

std::uint64_t replica_sets::view_of(std::vector<member> members) {
  std::ranges::sort(members, {}, &member::node);
  core::bytes text;
  core::wire_writer w(text);
  for (const auto& m : members) {
    w.raw(m.node.octets);
    w.u32(m.incarnation);
  }
  const auto hash = identity::sha256(text);
  return core::wire_reader(hash).u64();
}

std::optional<std::uint64_t> replica_sets::view(const arc& a) const {
  const auto first = view(a.first);
  const auto last = view(a.last);
  return first == last ? std::optional(first) : std::nullopt;
}

std::optional<node_id> replica_sets::root(const resource_id& key) const {
  const auto first = nearest(key, 1);
  return first.empty() ? std::nullopt : std::optional(first.front().node);
}

std::optional<node_id> replica_sets::stand_in(const resource_id& key) const {
  const auto all = nearest(key, ring_.size());
  const auto at = std::ranges::find(all, false, &member::suspect);
  return at == all.end() ? std::nullopt : std::optional(at->node);
}

bool replica_sets::has(const resource_id& key, const node_id& node) const { return contains(set(key), node); }

bool replica_sets::near(const resource_id& key, const node_id& node) const { return contains(neighbourhood(key), node); }

const member* replica_sets::find(const node_id& node) const {
  const auto at = std::ranges::lower_bound(ring_, node, {}, &member::node);
  return at == ring_.end() || at->node != node ? nullptr : &*at;
}

std::vector<arc> replica_sets::arcs() const {
  if (ring_.empty()) return {};
  std::set<uint128> starts{0};
  const auto count = ring_.size();
  if (count > k_) {
    for (std::size_t i = 0; i < count; ++i) starts.insert(passes(ring_[i].node, ring_[(i + k_) % count].node));
  }
  std::vector<arc> found;
  for (auto at = starts.begin(); at != starts.end(); ++at) {
    const auto next = std::next(at);
    const auto last = next == starts.end() ? ~uint128(0) : *next - 1;
    found.push_back({from_integer(*at), from_integer(last)});
  }
  return found;
}

std::vector<arc> replica_sets::arcs_of(const node_id& node) const {
  auto all = arcs();
  std::erase_if(all, [&](const arc& a) { return !has(a.first, node) || !certain(a.first) || !certain(a.last); });
  return all;
}

bool replica_sets::certain(const resource_id& key) const {
  if (whole_) return true;
  const auto radius = distance(nearest(key, k_).back().node, key);
  const bool inside = clockwise(left_, key) <= clockwise(left_, right_);
  return inside && clockwise(left_, key) >= radius && clockwise(key, right_) >= radius;
}

std::vector<std::pair<node_id, arc>> newcomers(const replica_sets& before, const replica_sets& after) {
  std::set<uint128> starts;
  for (const auto& a : before.arcs()) starts.insert(to_integer(a.first));
  for (const auto& a : after.arcs()) starts.insert(to_integer(a.first));
  std::vector<std::pair<node_id, arc>> found;
  for (auto at = starts.begin(); at != starts.end(); ++at) {
    const auto next = std::next(at);
    const arc here{from_integer(*at), from_integer(next == starts.end() ? ~uint128(0) : *next - 1)};
    const auto old_set = before.set(here.first);
    for (const auto& m : after.set(here.first)) {
      if (std::ranges::none_of(old_set, [&](const member& o) { return same(o, m); })) found.emplace_back(m.node, here);
    }
  }
  return found;
}

}  // namespace phyllo::overlay
