// DISCOVER: a link to an active node, through which this one finds its place in the ring, or to which it attaches (specification of the
// Pastry plug-in, joining).
#pragma once

#include "pastry/pastry_forming.hpp"

namespace phyllo::overlay {

class bootstrap_finder {
 public:
  // All references outlive it.
  bootstrap_finder(const topology_parts& parts, const ring_view& ring, const pastry_forming& forming)
      : parts_(parts), ring_(ring), forming_(forming) {}

  // One that is linked already, or whoever answers first. `last`, if it is one, comes last: it may be why an attempt failed. An error: what
  // was tried.
  core::awaitable<core::result<node_id>> find(places bootstrap, core::time_point deadline, node_id last = node_id()) const;

 private:
  [[nodiscard]] bool linked_at(const transport::candidate& c) const;

  topology_parts parts_;
  const ring_view& ring_;
  const pastry_forming& forming_;
};

}  // namespace phyllo::overlay
