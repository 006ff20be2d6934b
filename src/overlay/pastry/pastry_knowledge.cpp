#include "pastry/pastry_knowledge.hpp"

namespace phyllo::overlay {

std::vector<member> pastry_knowledge::members() const {
  std::vector<member> out;
  out.push_back({ring_.self(), own_.incarnation(), ring_.active, false});
  for (const auto& n : ring_.leafs.members()) {
    if (const auto* r = ring_.find(n)) out.push_back({n, r->incarnation, r->active, r->doubt.suspect || !r->link.open});
  }
  return out;
}

bool pastry_knowledge::has_failed(const node_id& n) const {
  const auto* r = ring_.find(n);
  return failed_.named(n, env_.now()) && (r == nullptr || !r->link.open);
}

core::duration pastry_knowledge::round_trip(const node_id& to) const {
  const auto* r = ring_.find(to);
  return r == nullptr ? core::duration{} : r->link.rtt;
}

std::vector<node_id> pastry_knowledge::adjacent() const {
  if (ring_.leafs.empty()) return {};
  return {ring_.leafs.left_neighbour(), ring_.leafs.right_neighbour()};
}

std::vector<node_id> pastry_knowledge::far_peers() const {
  std::vector<node_id> out;
  for (const auto& [slot, e] : ring_.table.entries()) out.push_back(e.node);
  return out;
}

// Exact while the whole ring is known.
double pastry_knowledge::responsible_share() const { return 1.0 / static_cast<double>(ring_.leafs.members().size() + 1); }

node_id pastry_knowledge::next_peer(const destination& d) const {
  const auto decided = ring_.decide(d, true);
  return decided.what == verdict::forward ? decided.next : ring_.self();
}

void pastry_knowledge::describe(peer_status& s) const {
  s.state = own_.state();
  s.self = ring_.self();
  s.leaf_set.size = leaf_set_size_;
  s.leaf_set.left = ring_.leafs.left();
  s.leaf_set.right = ring_.leafs.right();
  for (const auto& [slot, e] : ring_.table.entries()) {
    const std::chrono::duration<double, std::milli> rtt = e.rtt;
    s.routing_table.push_back({slot.first, slot.second, e.node, rtt.count()});
  }
  s.waits_for = forming_.waits_for();
  role_->describe(s);
}

}  // namespace phyllo::overlay
