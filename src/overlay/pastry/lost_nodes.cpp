#include "pastry/lost_nodes.hpp"

#include <iterator>

namespace phyllo::overlay {

std::vector<node_id> lost_nodes::nodes() const {
  std::vector<node_id> out;
  for (const auto& [n, l] : nodes_) out.push_back(n);
  return out;
}

std::vector<places> lost_nodes::all() const {
  std::vector<places> out;
  for (const auto& [n, l] : nodes_) out.push_back(l.where);
  return out;
}

std::pair<node_id, places> lost_nodes::any(std::uint64_t random) const {
  const auto at = std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(random % nodes_.size()));
  return {at->first, at->second.where};
}

}  // namespace phyllo::overlay
