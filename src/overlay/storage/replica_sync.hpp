// The sync of an entrant (storage.md, S), and the loop that keeps replicas whole: what this node has yet to compare is compared with the
// neighbourhood until all have answered.
#pragma once

#include <cstdint>
#include <map>

#include "storage/replica_upkeep.hpp"

namespace phyllo::overlay {

class replica_sync {
 public:
  replica_sync(const storage_parts& with, sync_rounds& rounds, replica_upkeep& upkeep, disagreements& between)
      : env_(with.env),
        ring_(with.ring),
        share_(with.share),
        numbers_(with.numbers),
        rounds_(rounds),
        upkeep_(upkeep),
        disagreements_(between) {}

  core::awaitable<void> run();  // until stop(), or it is cancelled
  void stop() noexcept { stopping_ = true; }

 private:
  [[nodiscard]] core::time_point next_tick() const;
  core::awaitable<void> sync_own();
  void judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed);

  core::environment& env_;
  surroundings& ring_;
  replica_share& share_;
  storage_metrics& numbers_;
  sync_rounds& rounds_;
  replica_upkeep& upkeep_;
  disagreements& disagreements_;
  bool stopping_ = false;
};

}  // namespace phyllo::overlay
