// What /metrics says of one node's present state, set when it is asked for.
#pragma once

#include <optional>
#include <vector>

#include "admin/node_status.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/time.hpp"
#include "settings/certificate_check.hpp"

namespace phyllo::node {

class node_gauges {
 public:
  explicit node_gauges(core::metrics& m);  // which outlives it

  void set(const node_status& s);
  // phyllo_certificate_expires_seconds{certificate}: what is left of each, negative once it has ended.
  void set(const std::vector<certificate_end>& ends, core::wall_time now);

 private:
  core::metrics& metrics_;
  core::gauge& ready_;
  core::gauge& bindings_;
  core::gauge& calls_;
};

}  // namespace phyllo::node
