// What keeps replicas whole beside the sync of entrants (storage.md, S and W 6): reminders, repair of writes that a replica did not
// confirm, anti-entropy, displaced copies, hand-over.
#pragma once

#include "phyllo/core/log.hpp"
#include "storage/reminders.hpp"
#include "storage/sync_rounds.hpp"

namespace phyllo::overlay {

class replica_upkeep {
 public:
  replica_upkeep(const storage_parts& with, sync_exchange& exchange, sync_rounds& rounds, displaced_copies& displaced, core::logger log)
      : env_(with.env),
        options_(with.options),
        ring_(with.ring),
        share_(with.share),
        metrics_(with.metrics),
        reminded_(with.numbers.sync_reminders),
        exchange_(exchange),
        rounds_(rounds),
        displaced_(displaced),
        log_(std::move(log)) {}

  void begin();  // plans the first of what is done by the clock
  void remind();
  core::awaitable<void> repair_late();
  // Of anti-entropy and displaced copies.
  [[nodiscard]] core::time_point next_due() const;
  core::awaitable<void> run_due();
  // Before leaving: what this node holds, to those who take its place.
  core::awaitable<void> hand_over(core::time_point deadline);

 private:
  core::awaitable<void> compare_periodically();
  core::awaitable<void> offer_displaced();
  core::awaitable<void> drop_displaced();

  core::environment& env_;
  const storage_options& options_;
  surroundings& ring_;
  replica_share& share_;
  core::metrics& metrics_;
  core::counter& reminded_;
  sync_exchange& exchange_;
  sync_rounds& rounds_;
  displaced_copies& displaced_;
  core::logger log_;
  reminders reminders_;
  core::time_point next_reminder_, next_compare_, next_sweep_;
};

}  // namespace phyllo::overlay
