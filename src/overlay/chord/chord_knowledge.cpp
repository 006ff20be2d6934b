#include "chord/chord_knowledge.hpp"

#include <cmath>

namespace phyllo::overlay {

std::vector<member> chord_knowledge::members() const {
  std::vector<member> out{{.node = machine_.routing().self(), .active = active()}};
  for (const auto& n : neighbours()) out.push_back({.node = n, .active = true});
  return out;
}

std::vector<node_id> chord_knowledge::adjacent() const {
  const auto& l = machine_.routing().neighbours();
  if (l.empty()) return {};
  return {l.predecessors().front(), l.successors().front()};
}

double chord_knowledge::responsible_share() const {
  const auto range = machine_.routing().neighbours().responsible();
  if (range.after == range.upto) return 1;
  return std::ldexp(static_cast<double>(to_integer(clockwise(range.after, range.upto))), -128);
}

core::duration chord_knowledge::round_trip(const node_id& to) const {
  const auto* l = links_.to(to);
  return l == nullptr ? core::duration{} : l->rtt();
}

node_id chord_knowledge::next_peer(const destination& d) const {
  const auto decided = machine_.routing().decide(d, true);
  return decided.what == verdict::forward ? decided.next : machine_.routing().self();
}

bool chord_knowledge::responsible(const resource_id& key) const {
  return machine_.routing().decide(destination::to_resource(key), false).what == verdict::deliver;
}

void chord_knowledge::describe(peer_status& s) const {
  const auto& l = machine_.routing().neighbours();
  s.state = state_;
  s.self = machine_.routing().self();
  s.leaf_set.size = static_cast<unsigned>(2 * l.each());
  s.leaf_set.left = l.predecessors();
  s.leaf_set.right = l.successors();
  for (unsigned i = 1; i <= finger_table::fingers_max; ++i) {
    const auto& e = machine_.routing().fingers().at(i);
    if (!e) continue;
    const std::chrono::duration<double, std::milli> rtt = round_trip(*e);
    s.routing_table.push_back({i, 0, *e, rtt.count()});
  }
}

}  // namespace phyllo::overlay
