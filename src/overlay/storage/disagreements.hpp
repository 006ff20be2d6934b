// Since when a partner disagrees about an arc, or is out of reach: for so long it is waited for, and no longer (storage.md, S). Pure.
#pragma once

#include <chrono>
#include <map>
#include <utility>

#include "phyllo/core/time.hpp"
#include "storage/replica_set.hpp"

namespace phyllo::overlay {

class disagreements {
 public:
  static constexpr core::duration partition_after = std::chrono::seconds(10);  // data flow, and the partner is waited for no longer

  void begin(const node_id& partner, const arc& where, core::time_point now) { since_.emplace(std::pair(partner, where.first), now); }
  void end(const node_id& partner, const arc& where) { since_.erase({partner, where.first}); }
  [[nodiscard]] bool lasting(const node_id& partner, const arc& where, core::time_point now) const {
    const auto at = since_.find({partner, where.first});
    return at != since_.end() && now >= at->second + partition_after;
  }
  // What was is no part of the next one.
  void clear() noexcept { since_.clear(); }
  void forget_strangers(const replica_sets& sets) {
    std::erase_if(since_, [&](const auto& e) { return sets.find(e.first.first) == nullptr; });
  }

 private:
  std::map<std::pair<node_id, resource_id>, core::time_point> since_;  // by partner and the arc's beginning
};

}  // namespace phyllo::overlay
