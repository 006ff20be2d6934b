// Requests to Resource-IDs, counted by how they ended: phyllo_lookups_total and what it took (docs/metrics.md).
#pragma once

#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class lookup_metrics {
 public:
  explicit lookup_metrics(core::metrics& m);  // outlives it
  void note(const core::result<answer>& a, core::duration took);

 private:
  core::counter& ok_;
  core::counter& error_;
  core::counter& timed_out_;
  core::histogram& hops_;
  core::histogram& seconds_;
};

}  // namespace phyllo::overlay
