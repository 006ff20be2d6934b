// What the clocks of others show, and whether this node can judge them by its own (specification of the Pastry plug-in, clocks): the shell
// of node_clock.
#pragma once

#include "pastry/state_probes.hpp"
#include "pastry/upkeep_schedule.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry_clock {
 public:
  // All references outlive it.
  pastry_clock(const topology_parts& parts, ring_view& ring, state_probes& probes, upkeep_schedule& upkeep, topology_observer& up)
      : parts_(parts), ring_(ring), probes_(probes), upkeep_(upkeep), up_(up) {}

  void note(const node_id& n, const leaf_set_state& s);  // which it tells of itself
  // Of the peer of a link, on it: dropped, because its certificate is not valid by this node's clock; and what was believed.
  void note_unjudged(const node_id& n, const message_contents& m);
  void note_judged(const node_id& n) { parts_.clock.judged(n); }

  // True: this active node can not judge what most others say.
  [[nodiscard]] bool watch(core::time_point now);
  [[nodiscard]] bool blind();

 private:
  topology_parts parts_;
  ring_view& ring_;
  state_probes& probes_;
  upkeep_schedule& upkeep_;
  topology_observer& up_;
};

}  // namespace phyllo::overlay
