// How far a node has come on its way into the ring and out of it: what its parts go by, and what /healthz says.
#pragma once

#include <string>

#include "admin/node_status.hpp"
#include "assembly/enrollment.hpp"

namespace phyllo::node {

struct node_progress {
  node_state state = node_state::joining;  // or ready, or draining
  std::string waiting_for = "starting";    // while it joins

  // Is told what is being waited for. This outlives it.
  [[nodiscard]] hint listener() {
    return [this](std::string why) { waiting_for = std::move(why); };
  }
};

}  // namespace phyllo::node
