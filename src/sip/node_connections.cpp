#include "node_connections.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::sip {

std::optional<flow_id> node_connections::add(const identity::node_id& node, flow_id flow) {
  auto& flows = of_node_[node];
  std::optional<flow_id> oldest;
  if (flows.size() >= of_one_node_max) {
    oldest = flows.front();
    flows.erase(flows.begin());
    --size_;
  }
  flows.push_back(flow);
  ++size_;
  assert(flows.size() <= of_one_node_max && size_ >= of_node_.size());
  return oldest;
}

void node_connections::remove(const identity::node_id& node, flow_id flow) {
  const auto found = of_node_.find(node);
  if (found == of_node_.end()) return;
  const auto gone = std::erase(found->second, flow);
  assert(gone <= size_);
  size_ -= gone;
  if (found->second.empty()) of_node_.erase(found);
  assert(size_ >= of_node_.size());
}

std::optional<flow_id> node_connections::find(const identity::node_id& node) const {
  const auto found = of_node_.find(node);
  if (found == of_node_.end()) return std::nullopt;
  return found->second.front();
}

}  // namespace phyllo::sip
