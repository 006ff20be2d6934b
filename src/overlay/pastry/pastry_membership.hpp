// How this node comes to be active in the ring and leaves it, as those hear that it is linked to; and what follows when its leaf set has
// changed (specification of the Pastry plug-in, joining and leaving).
#pragma once

#include "pastry/own_state.hpp"
#include "pastry/upkeep_schedule.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry_membership {
 public:
  // All references outlive it.
  pastry_membership(const topology_parts& parts, own_state& own, ring_view& ring, upkeep_schedule& upkeep, const peer_options& options,
                    topology_observer& up)
      : parts_(parts), own_(own), ring_(ring), upkeep_(upkeep), up_(up), incarnation_(options.incarnation), first_(options.first) {}

  void begin();  // the first node is active at once
  void activate();
  void say_leave();
  void changed();  // the leaf set has, or what is known of one of its members

 private:
  topology_parts parts_;
  own_state& own_;
  ring_view& ring_;
  upkeep_schedule& upkeep_;
  topology_observer& up_;
  std::uint32_t incarnation_;
  bool first_;
};

}  // namespace phyllo::overlay
