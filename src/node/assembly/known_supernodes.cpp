#include "assembly/known_supernodes.hpp"

#include "assembly/ring_search.hpp"

namespace phyllo::node {

const std::set<asio::ip::address>& known_supernodes::all() {
  if (env_.now() >= good_until_) refresh();
  return addresses_;
}

void known_supernodes::refresh() {
  good_until_ = env_.now() + std::chrono::seconds(1);
  addresses_.clear();
  const auto status = peer_.status();
  const auto routing = members_of(status);
  for (const auto& link : status.links) {
    if (!routing.contains(link.node)) continue;
    addresses_.insert(link.address.address);
    for (const auto& at : link.listens) addresses_.insert(at.address);
  }
}

}  // namespace phyllo::node
