// Looks for other parts of the overlay, after a partition: where nodes were that are lost, seldom where this one came from, and where the
// node above says (specification of the Pastry plug-in, upkeep).
#pragma once

#include "pastry/pastry_joiner.hpp"

namespace phyllo::overlay {

// All outlive it.
struct seeker_parts : topology_parts {
  ring_view& ring;
  failed_nodes& failed;
  state_probes& probes;
  pastry_failures& failures;
  pastry_views& views;
  const pastry_joiner& joiner;
  upkeep_schedule& schedule;
  core::task_scope& scope;
};

class pastry_seeker {
 public:
  explicit pastry_seeker(const seeker_parts& parts) : parts_(parts) {}

  void plan(core::time_point now);  // the first time
  void run_due(core::time_point now);
  // `place` is treated as one of those given at the start.
  void seek(places place);

 private:
  struct goal {
    places at;           // of one node; empty: there is none to look for now
    bool given = false;  // it is of those given at the start
  };
  [[nodiscard]] goal next_goal(core::time_point now);
  core::awaitable<void> look_at(places place, bool given);
  core::awaitable<void> find_own_place(node_id through);

  seeker_parts parts_;
};

}  // namespace phyllo::overlay
