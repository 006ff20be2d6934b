// What the machines of one node's storage work with.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "storage/replica_share.hpp"
#include "storage/storage_metrics.hpp"
#include "storage/value_judge.hpp"

namespace phyllo::overlay {

// All of it outlives them.
struct storage_parts {
  core::environment& env;
  const storage_options& options;
  const identity::credential& self;
  surroundings& ring;
  replica_share& share;
  const value_judge& judge;
  core::metrics& metrics;
  storage_metrics& numbers;
};

}  // namespace phyllo::overlay
