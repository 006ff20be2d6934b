// The numbers of a node's storage (docs/metrics.md), which are there at zero before anything has happened.
#pragma once

#include "phyllo/core/metrics.hpp"

namespace phyllo::overlay {

struct storage_metrics {
  explicit storage_metrics(core::metrics& m)
      : reads_degraded(m.get_counter("phyllo_reads_degraded_total", "Default reads answered without a quorum.")),
        sync_disagreements(m.get_counter("phyllo_sync_disagreements_total", "Comparisons that went on in spite of different views.")),
        sync_reminders(m.get_counter("phyllo_sync_reminders_total", "Reminders to nodes that are unsynced here.")),
        values(m.get_gauge("phyllo_stored_values", "Values held for the overlay, those that mark a removal included.")) {}

  core::counter& reads_degraded;
  core::counter& sync_disagreements;
  core::counter& sync_reminders;
  core::gauge& values;
};

}  // namespace phyllo::overlay
