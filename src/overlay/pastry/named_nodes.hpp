// What becomes of a node that another one names: into the leaf set it comes only after it has answered a probe itself (specification of
// the Pastry plug-in, what a LeafSetState teaches). Pure.
#pragma once

#include <set>

#include "pastry/leaf_set_admission.hpp"
#include "pastry/state_probes.hpp"

namespace phyllo::overlay {

class named_nodes {
 public:
  static constexpr std::size_t meetings_max = 128;

  // What is to be done, in this order.
  struct wish {
    bool ask_through = false;  // it has failed here: who names it is asked for what it says
    bool enter = false;        // it is linked and active
    bool offer = false;        // to the routing table
    bool meet = false;         // to be linked and probed; it is being met until met() is told
  };

  // All references outlive it.
  named_nodes(ring_view& ring, const failed_nodes& failed, const leaf_set_admission& admission, const state_probes& probes)
      : ring_(ring), failed_(failed), admission_(admission), probes_(probes) {}

  [[nodiscard]] wish consider(const node_id& n, const node_id& by, core::time_point now);
  void met(const node_id& n) { meeting_.erase(n); }
  [[nodiscard]] bool meeting(const node_id& n) const { return meeting_.contains(n); }
  [[nodiscard]] bool meeting_any() const noexcept { return !meeting_.empty(); }

 private:
  [[nodiscard]] bool fits_beside_met(const node_id& n) const;

  ring_view& ring_;
  const failed_nodes& failed_;
  const leaf_set_admission& admission_;
  const state_probes& probes_;
  std::set<node_id> meeting_;
};

}  // namespace phyllo::overlay
