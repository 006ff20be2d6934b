#include "storage/late_replicas.hpp"

#include <algorithm>

namespace phyllo::overlay {

std::uint64_t late_replicas::sent(const std::vector<node_id>& to, const resource_id& resource, core::time_point now) {
  ++rounds_;
  for (const auto& node : to) late_[node].try_emplace(resource, state{now, now, first_repair, rounds_}).first->second.round = rounds_;
  return rounds_;
}

void late_replicas::confirmed(const node_id& by, const resource_id& resource, std::uint64_t round) {
  const auto late = late_.find(by);
  if (late == late_.end()) return;
  const auto at = late->second.find(resource);
  if (at != late->second.end() && at->second.round == round) late->second.erase(at);
}

void late_replicas::given(const node_id& to, const resource_id& resource) {
  if (const auto late = late_.find(to); late != late_.end()) late->second.erase(resource);
}

std::set<resource_id> late_replicas::resources(core::time_point now) const {
  std::set<resource_id> out;
  for (const auto& [node, resources] : late_) {
    for (const auto& [resource, late] : resources) {
      if (late.since + late_after < now) out.insert(resource);
    }
  }
  return out;
}

std::vector<node_id> late_replicas::nodes() const {
  std::vector<node_id> out;
  for (const auto& [node, resources] : late_) out.push_back(node);
  return out;
}

void late_replicas::keep(const std::function<bool(const node_id& node, const resource_id& resource)>& wanted) {
  for (auto& [node, resources] : late_) std::erase_if(resources, [&](const auto& r) { return !wanted(node, r.first); });
  std::erase_if(late_, [](const auto& e) { return e.second.empty(); });
}

void late_replicas::each_due(const node_id& at, core::time_point now, const std::function<bool(const resource_id& resource)>& take) {
  const auto late = late_.find(at);
  if (late == late_.end()) return;
  for (auto& [resource, s] : late->second) {
    if (s.tried + s.pause > now) continue;
    s.tried = now;
    s.pause = std::min(2 * s.pause, longest_repair);
    if (!take(resource)) return;
  }
}

}  // namespace phyllo::overlay
