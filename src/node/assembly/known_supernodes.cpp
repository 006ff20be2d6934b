#include "assembly/known_supernodes.hpp"

namespace phyllo::node {
namespace {

// Those that route: an ordinary node's or a phone's address is its own affair.
std::set<overlay::node_id> members(const overlay::peer_status& s) {
  std::set<overlay::node_id> out(s.leaf_set.left.begin(), s.leaf_set.left.end());
  out.insert(s.leaf_set.right.begin(), s.leaf_set.right.end());
  for (const auto& entry : s.routing_table) out.insert(entry.node);
  return out;
}

}  // namespace

bool known_supernodes::contains(const asio::ip::address& a) {
  if (env_.now() >= good_until_) refresh();
  return addresses_.contains(a);
}

void known_supernodes::refresh() {
  good_until_ = env_.now() + std::chrono::seconds(1);
  addresses_.clear();
  const auto status = peer_.status();
  const auto routing = members(status);
  for (const auto& link : status.links) {
    if (!routing.contains(link.node)) continue;
    addresses_.insert(link.address.address);
    for (const auto& at : link.listens) addresses_.insert(at.address);
  }
}

}  // namespace phyllo::node
