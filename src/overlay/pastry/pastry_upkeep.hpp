// What this node does by the clock (specification of the Pastry plug-in, upkeep): the shell of upkeep_schedule and neighbour_watch.
#pragma once

#include "pastry/neighbour_watch.hpp"
#include "pastry/pastry_links.hpp"
#include "pastry/pastry_seeker.hpp"

namespace phyllo::overlay {

// All outlive it.
struct upkeep_parts : topology_parts {
  ring_view& ring;
  failed_nodes& failed;
  leaf_set_admission& admission;
  state_probes& probes;
  pastry_failures& failures;
  table_filling& table;
  pastry_clock& clocks;
  pastry_joiner& joiner;
  pastry_requests& requests;
  pastry_links& open_links;
  pastry_seeker& seeker;
  upkeep_schedule& schedule;
};

class pastry_upkeep {
 public:
  pastry_upkeep(const upkeep_parts& parts, core::duration heartbeat, unsigned digit_bits)
      : parts_(parts), digit_bits_(digit_bits), watch_(parts.ring, heartbeat) {}

  void begin();
  void run_due(core::time_point now);
  [[nodiscard]] core::time_point next_due() const { return parts_.schedule.next_due(parts_.ring.active); }

 private:
  void tend_ring(core::time_point now);
  void tend_rows(core::time_point now);
  void watch_neighbours(core::time_point now);
  void probe_table(core::time_point now);
  void forget_old(core::time_point now);

  upkeep_parts parts_;
  unsigned digit_bits_;
  neighbour_watch watch_;
  unsigned comparisons_ = 0;  // of rows since joining
};

}  // namespace phyllo::overlay
