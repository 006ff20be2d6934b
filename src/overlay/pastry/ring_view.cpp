#include "pastry/ring_view.hpp"

#include <algorithm>

#include "pastry/ring_density.hpp"
#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

constexpr double rough = 1.6;     // a node reckoned to be so many times too far may be among the nearest all the same
constexpr double fraction = 0.9;  // of a place: what is reckoned beyond the known part of the ring adds such to a rank
constexpr double descent = 4;     // of what is reckoned to be near: no two nodes differ by so much

}  // namespace

const node_record* ring_view::find(const node_id& n) const {
  const auto at = records_.find(n);
  return at == records_.end() ? nullptr : &at->second;
}

void ring_view::learn_places(const node_id& n, const places& p) {
  auto& known = records_[n].candidates;
  kept_places told(p);
  if (known == told) return;
  known = std::move(told);
  if (leafs.contains(n)) leaf_places_of_.reset();
}

void ring_view::hear_at(const node_id& n, const asio::ip::address& a) {
  auto& at = records_[n].link.heard_at;
  if (at == a) return;
  at = a;
  if (leafs.contains(n)) leaf_places_of_.reset();
}

places ring_view::heard_places(const node_id& n) const {
  const auto* r = find(n);
  if (r == nullptr || r->link.heard_at.is_unspecified()) return {};
  auto out = r->candidates.all();
  std::erase_if(out, [&](const transport::candidate& c) { return c.at.address != r->link.heard_at; });
  return out;
}

const place_list& ring_view::leaf_places() const {
  if (leaf_places_of_ == leafs.changes()) return leaf_places_;
  leaf_places_ = {};
  const auto add = [this](const node_id& n) { leaf_places_.add(heard_places(n)); };
  std::ranges::for_each(leafs.left(), add);
  std::ranges::for_each(leafs.right(), add);
  leaf_places_of_ = leafs.changes();
  return leaf_places_;
}

bool ring_view::usable(const node_id& n) const {
  const auto* r = find(n);
  return r != nullptr && r->usable();
}

bool ring_view::is_active(const node_id& n) const {
  const auto* r = find(n);
  return r != nullptr && r->active;
}

bool ring_view::in_reach(const node_id& n) const {
  const auto* r = find(n);
  return r != nullptr && r->link.open && !r->doubt.suspect;
}

decision ring_view::decide(const destination& d, bool eager, const node_id* except) const {
  switch (d.type) {
    case destination_type::node: return decide_node(d.id, except);
    case destination_type::resource: return decide_resource(d.id, eager, except);
    default: return {};
  }
}

decision ring_view::decide_node(const node_id& n, const node_id* except) const {
  if (n == self_) return {verdict::deliver, self_};
  const auto* r = find(n);
  const bool linked = r != nullptr && r->link.open;
  if (linked && !r->doubt.suspect && (except == nullptr || *except != n)) return {verdict::forward, n};
  const auto next = next_hop(n, except);
  if (next != self_) return {verdict::forward, next};
  if (const auto detour = around(n, except)) return *detour;
  // "Another node's Node-ID as key at its root: drop", unless a suspect link to it is all there is.
  if (linked) return {verdict::forward, n};
  return {};
}

decision ring_view::decide_resource(const node_id& key, bool eager, const node_id* except) const {
  if (const auto replica = near_replica(key, except)) return {verdict::forward, *replica};
  const auto next = next_hop(key, except);
  if (next != self_) return {verdict::forward, next};
  if (!active) return {};
  const auto nearest = root(key);
  if (nearest == self_ || eager) return {verdict::deliver, self_};
  return around(nearest, except).value_or(decision{verdict::hold, self_});
}

std::optional<decision> ring_view::around(const node_id& n, const node_id* except) const {
  const auto* r = find(n);
  if (r == nullptr || !r->active || !r->doubt.suspect || !r->doubt.through || !usable(*r->doubt.through)) return std::nullopt;
  if (except != nullptr && *except == *r->doubt.through) return std::nullopt;
  return decision{verdict::forward, *r->doubt.through, true};
}

node_id ring_view::next_hop(const node_id& key, const node_id* except) const {
  if (!active) return nearest_any(key, except).value_or(self_);
  const auto good = [&](const node_id& n) { return usable(n) && (except == nullptr || *except != n); };
  auto best = self_;
  const auto consider = [&](const node_id& n) {
    if (nearer(n, best, key) && good(n)) best = n;
  };
  if (leafs.spans(key)) {
    for (const auto& n : leafs.members()) consider(n);
    return best;
  }
  if (const auto* e = table.towards(key); e != nullptr && good(e->node)) return e->node;
  const auto common = common_digits(self_, key, bits_);
  const auto consider_prefix = [&](const node_id& n) {
    if (common_digits(n, key, bits_) >= common) consider(n);
  };
  for (const auto& n : leafs.members()) consider_prefix(n);
  for (const auto& [slot, e] : table.entries()) consider_prefix(e.node);
  for (const auto& e : near.entries()) consider_prefix(e.node);
  // A leaf set with a hole spans less than its members reach: self is the last resort only if none of them is nearer.
  if (best == self_) std::ranges::for_each(leafs.members(), consider);
  return best;
}

// How dense the ring is here tells which nodes should be among the nearest to a key, before the leaf set spans it. All links count: many
// lead to nodes that are in no table of this one, but have it in theirs, because it is near.
std::optional<node_id> ring_view::near_replica(const node_id& key, const node_id* except) const {
  if (replica_choice == 0 || !active || leafs.empty()) return std::nullopt;
  const auto& known = beyond.members().size() == 2 * leafs_max_ ? beyond : leafs;
  const ring_density density(known, self_, key);
  const auto k = static_cast<double>(replica_choice);
  const auto own = density.rank(self_);
  if (own <= k) return std::nullopt;
  // From afar also to one that need not be among them, but should know them all.
  const auto limit = density.covered() ? k + fraction : std::max(rough * k, static_cast<double>(leafs_max_) - k);
  const auto good = [&](const node_id& n, const node_record& r) {
    return r.usable() && (except == nullptr || *except != n) && nearer(n, self_, key);
  };
  const node_records::value_type* best = nullptr;
  for (const auto& known_node : records_) {
    const auto& [n, r] = known_node;
    if (best != nullptr && r.link.rtt >= best->second.link.rtt) continue;
    if (good(n, r) && density.rank(n) <= limit) best = &known_node;
  }
  if (best == nullptr) return own > descent * limit || leafs.spans(key) ? std::nullopt : descend(key, except);
  const auto close_by = mean_leaf_rtt() * 3 / 5;
  if (best->second.link.rtt < close_by || leafs.spans(key)) return best->first;
  // It is hardly the nearest of all: a node on the way that is near knows more of them.
  const auto* e = table.towards(key);
  if (e == nullptr || e->rtt >= std::min(close_by, best->second.link.rtt)) return best->first;
  const auto* r = find(e->node);
  return r != nullptr && good(e->node, *r) ? e->node : best->first;
}

// Of nodes at random places, since ids are.
core::duration ring_view::mean_leaf_rtt() const {
  core::duration sum{};
  for (const auto& n : leafs.members()) {
    if (const auto* r = find(n)) sum += r->link.rtt;
  }
  return sum / static_cast<core::duration::rep>(std::max<std::size_t>(leafs.members().size(), 1));
}

// Near the key each hop comes nearer to it: prefixes might lead away, to nodes that send the message here again.
std::optional<node_id> ring_view::descend(const node_id& key, const node_id* except) const {
  const auto good = [&](const node_id& n) { return usable(n) && (except == nullptr || *except != n); };
  if (const auto* e = table.towards(key); e != nullptr && nearer(e->node, self_, key) && good(e->node)) return e->node;
  auto best = self_;
  for (const auto& [n, r] : records_) {
    if (nearer(n, best, key) && good(n)) best = n;
  }
  if (best == self_) return std::nullopt;
  return best;
}

// A joiner is root of nothing: any active node it has a link to is better.
std::optional<node_id> ring_view::nearest_any(const node_id& key, const node_id* except) const {
  std::optional<node_id> best;
  for (const auto& [n, r] : records_) {
    if (!r.usable() || (except != nullptr && *except == n)) continue;
    if (!best || nearer(n, *best, key)) best = n;
  }
  return best;
}

node_id ring_view::root(const node_id& key) const {
  std::optional<node_id> best;
  if (active) best = self_;
  for (const auto& n : leafs.members()) {
    const auto* r = find(n);
    if (r == nullptr || !r->active) continue;
    if (!best || nearer(n, *best, key)) best = n;
  }
  return best.value_or(self_);
}

bool ring_view::credible_root(const node_id& n, const node_id& key) const {
  if (active && n != self_ && nearer(self_, n, key)) return false;
  for (const auto& m : leafs.members()) {
    if (m != n && usable(m) && nearer(m, n, key)) return false;
  }
  return true;
}

bool ring_view::well_routed(const node_id& from, const node_id& key) const {
  const auto* r = find(from);
  if (r == nullptr || !r->active || replica_choice > 0) return true;
  return nearer(self_, from, key) || common_digits(self_, key, bits_) > common_digits(from, key, bits_);
}

bool ring_view::enter(const node_id& n) {
  const auto* r = find(n);
  if (r == nullptr || !r->usable()) return false;
  const auto rtt = r->link.rtt;
  table.insert(n, rtt);
  near.insert(n, rtt);
  if (replica_choice > 0) beyond.insert(n);
  return r->admitted && leafs.insert(n);
}

bool ring_view::remove(const node_id& n) {
  table.erase(n);
  near.erase(n);
  beyond.erase(n);
  return leafs.erase(n);
}

// What a member of the leaf set names is all that there is between the farthest it names.
void ring_view::note_named(const node_id& by, const std::vector<node_id>& left, const std::vector<node_id>& right) {
  if (replica_choice == 0 || left.empty() || right.empty() || !leafs.contains(by)) return;
  const auto named = [&](const node_id& n) {
    return n == by || std::ranges::find(left, n) != left.end() || std::ranges::find(right, n) != right.end();
  };
  const auto width = clockwise(left.back(), right.back());
  const auto before = beyond.members();
  for (const auto& n : before) {
    if (clockwise(left.back(), n) <= width && !named(n)) beyond.erase(n);
  }
  for (const auto& n : left) beyond.insert(n);
  for (const auto& n : right) beyond.insert(n);
}

}  // namespace phyllo::overlay
