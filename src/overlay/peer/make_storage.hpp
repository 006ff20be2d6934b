// The storage of one peer: replicated, copied as a topology plug-in says, or that of a node which holds nothing.
#pragma once

#include <memory>
#include <vector>

#include "phyllo/overlay/peer.hpp"
#include "reload/replica_places.hpp"
#include "storage/storage.hpp"

namespace phyllo::overlay {

// What it works with; all of it outlives what is made.
struct storage_surroundings {
  core::environment& env;
  std::shared_ptr<const identity::credential> self;
  const identity::trust& trust;
  surroundings& ring;
  const replica_places* copies;  // null: storage works out who holds what
  core::metrics& metrics;
  core::logger log;
};

[[nodiscard]] std::unique_ptr<storage> make_storage(const storage_surroundings& s, const peer_options& options, std::vector<kind> kinds);

}  // namespace phyllo::overlay
