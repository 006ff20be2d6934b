// Where nodes were that have failed: after a partition they are looked for there (specification of the Pastry plug-in, partitions). Pure.
#pragma once

#include <chrono>
#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {

class lost_nodes {
 public:
  static constexpr core::duration lost_for = std::chrono::hours(1);
  static constexpr std::size_t lost_max = 256;

  explicit lost_nodes(const core::hash_key& key) : nodes_(lost_max, key) {}

  void note(const node_id& n, places where, core::time_point now) {  // nothing, if it is nowhere
    if (!where.empty()) nodes_.try_emplace(n).first = {std::move(where), now + lost_for};
  }
  void found(const node_id& n) { nodes_.erase(n); }
  void forget_old(core::time_point now) {
    nodes_.erase_if([&](const auto& l) { return now >= l.second.until; });
  }

  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] bool contains(const node_id& n) const { return nodes_.contains(n); }
  [[nodiscard]] std::vector<node_id> nodes() const;
  [[nodiscard]] std::vector<places> all() const;  // of each node its places
  // One of them, by a random number: the node, and where it was. Not when empty.
  [[nodiscard]] std::pair<node_id, places> any(std::uint64_t random) const;

 private:
  struct lost_node {
    places where;
    core::time_point until;
  };
  core::bounded_map<node_id, lost_node> nodes_;
};

}  // namespace phyllo::overlay
