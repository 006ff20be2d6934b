#include "storage/displaced_copies.hpp"

namespace phyllo::overlay {

std::map<node_id, std::vector<item_key>> displaced_copies::due(const replica_sets& sets, const replica_store& store, kind_table kinds,
                                                               const node_id& self, core::time_point now) {
  arc_set mine;
  for (const auto& a : sets.arcs_of(self)) mine.add(a);
  std::erase_if(since_, [&](const auto& e) { return mine.contains(e.first); });
  std::map<node_id, std::vector<item_key>> out;
  for (const auto& resource : store.resources(whole_ring())) {
    if (mine.contains(resource)) continue;
    const auto begins = from_file_.contains(resource) ? now - keep_ : now;
    const auto since = since_.emplace(resource, begins).first->second;
    if (since + keep_ > now) continue;
    const auto root = sets.root(resource);
    for (const auto& k : kinds) {
      for (const auto* v : store.values(resource, k.id)) out[*root].push_back({resource, k.id, v->data.value.entry()});
    }
  }
  from_file_.clear();
  return out;
}

}  // namespace phyllo::overlay
