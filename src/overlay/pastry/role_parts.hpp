// The parts of a Pastry node that its role works with.
#pragma once

#include "pastry/leaf_set_admission.hpp"
#include "pastry/pastry_clock.hpp"
#include "pastry/pastry_failures.hpp"
#include "pastry/pastry_joiner.hpp"
#include "pastry/pastry_membership.hpp"
#include "pastry/pastry_role.hpp"
#include "pastry/pastry_seeker.hpp"
#include "pastry/pastry_views.hpp"

namespace phyllo::overlay {

struct role_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  failed_nodes& failed;
  leaf_set_admission& admission;
  state_probes& probes;
  pastry_failures& failures;
  pastry_membership& membership;
  pastry_clock& clocks;
  pastry_views& views;
  pastry_joiner& joiner;
  pastry_seeker& seeker;
};

}  // namespace phyllo::overlay
