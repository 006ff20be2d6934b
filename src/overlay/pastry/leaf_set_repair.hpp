// How a leaf set that has lost members is filled again: by nodes that are linked still, and by those whom the farthest member of a side
// names (specification of the Pastry plug-in, failure).
#pragma once

#include "pastry/state_probes.hpp"

namespace phyllo::overlay {

class leaf_set_repair {
 public:
  // All references outlive it.
  leaf_set_repair(ring_view& ring, state_probes& probes) : ring_(ring), probes_(probes) {}

  // Nodes that fell off a full leaf set are still linked: they come back when it has room.
  void refill(core::time_point now);
  // The farthest member of a side that has room knows who comes next.
  void ask_edges();

 private:
  [[nodiscard]] bool lost_a_side() const;
  void begin_again();

  ring_view& ring_;
  state_probes& probes_;
};

}  // namespace phyllo::overlay
