// What a Pastry node carries by links for storage and revocations: RouteQuery and Update of their types, and probes (specification of the
// Pastry plug-in, bodies).
#pragma once

#include "pastry/state_probes.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry_carrier final : public link_carrier {
 public:
  // All references outlive it.
  pastry_carrier(core::environment& env, const ring_view& ring, messenger& messages, state_probes& probes)
      : env_(env), ring_(ring), messenger_(messages), probes_(probes) {}

  core::awaitable<core::result<core::bytes>> ask_on_link(node_id with, link_subject what, core::bytes question,
                                                         core::time_point deadline) override;
  void answer_on_link(const received_request& r, link_subject what, core::bytes content) override;
  void announce_synced(const arc& where, std::uint64_t view) override;
  void announce_revocations(const std::vector<node_id>& to, core::bytes announcement) override;
  void reconcile(const node_id& n) override { probes_.reconcile(n); }
  void remind_unsynced(const node_id& n) override { probes_.send(n, leaf_set_state::flag_unsynced); }

 private:
  core::environment& env_;
  const ring_view& ring_;
  messenger& messenger_;
  state_probes& probes_;
};

}  // namespace phyllo::overlay
