// Where copies of what is stored belong, for a topology plug-in that says so itself (RFC 6940 s.6.4.1: "the Topology Plug-in MUST define
// ... how replicas are made").
#pragma once

#include <vector>

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class replica_places {
 public:
  virtual ~replica_places() = default;
  [[nodiscard]] virtual bool responsible(const resource_id& key) const = 0;  // this node is
  [[nodiscard]] virtual bool keeps(const resource_id& key) const = 0;        // as the responsible peer, or a copy
  [[nodiscard]] virtual std::vector<node_id> replicas() const = 0;           // of what this node is responsible for, the first one first
};

}  // namespace phyllo::overlay
