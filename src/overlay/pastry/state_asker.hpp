// What the parts of the Pastry plug-in have the node do that they are part of.
#pragma once

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class state_asker {
 public:
  virtual ~state_asker() = default;
  virtual void ask_for_state(const node_id& n) = 0;               // RouteQuery(probe) by its link; returns at once
  [[nodiscard]] virtual bool asked(const node_id& n) const = 0;   // and not answered yet, or about to be
  [[nodiscard]] virtual bool failed(const node_id& n) const = 0;  // lately, by its own or others' word
};

}  // namespace phyllo::overlay
