#include "connection_table.hpp"

#include <utility>

namespace phyllo::sip {

stream_connection* connection_table::add(connection_ptr c) {
  auto& kept = *c;
  connections_.emplace(kept.id, std::move(c));
  if (!kept.node) {
    reusable_[kept.key] = kept.id;
    return nullptr;
  }
  const auto too_many = nodes_.add(*kept.node, kept.id);
  return too_many ? find(*too_many) : nullptr;
}

void connection_table::remove(const stream_connection& c) {
  if (c.node) nodes_.remove(*c.node, c.id);
  // A newer connection to the same end may have taken the place.
  const auto at = reusable_.find(c.key);
  if (at != reusable_.end() && at->second == c.id) reusable_.erase(at);
  connections_.erase(c.id);
}

stream_connection* connection_table::find(flow_id flow) const {
  const auto at = connections_.find(flow);
  return at == connections_.end() ? nullptr : at->second.get();
}

stream_connection* connection_table::find(const identity::node_id& node) const {
  const auto flow = nodes_.find(node);
  return flow ? find(*flow) : nullptr;
}

stream_connection* connection_table::find(const reuse_key& key) const {
  const auto at = reusable_.find(key);
  return at == reusable_.end() ? nullptr : find(at->second);
}

void connection_table::clear() {
  connections_.clear();
  reusable_.clear();
}

}  // namespace phyllo::sip
