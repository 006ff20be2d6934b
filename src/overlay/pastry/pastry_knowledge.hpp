// What a Pastry node knows of the ring, as its peer asks for it: a view of its tables.
#pragma once

#include "pastry/pastry_forming.hpp"
#include "pastry/pastry_role.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry_knowledge final : public ring_knowledge {
 public:
  // All references outlive it.
  pastry_knowledge(core::environment& env, const own_state& own, const ring_view& ring, const failed_nodes& failed,
                   const pastry_forming& forming, const std::unique_ptr<pastry_role>& role, unsigned leaf_set_size)
      : env_(env), own_(own), ring_(ring), failed_(failed), forming_(forming), role_(role), leaf_set_size_(leaf_set_size) {}

  [[nodiscard]] peer_state state() const override { return own_.state(); }
  [[nodiscard]] bool active() const override { return ring_.active; }
  [[nodiscard]] std::vector<member> members() const override;
  [[nodiscard]] std::vector<node_id> adjacent() const override;
  [[nodiscard]] std::vector<node_id> neighbours() const override { return ring_.leafs.members(); }
  [[nodiscard]] std::vector<node_id> far_peers() const override;
  [[nodiscard]] double responsible_share() const override;
  [[nodiscard]] core::duration round_trip(const node_id& to) const override;
  [[nodiscard]] bool has_failed(const node_id& n) const override;
  [[nodiscard]] node_id next_peer(const destination& d) const override;
  [[nodiscard]] places heard_places(const node_id& n) const override { return ring_.heard_places(n); }
  void describe(peer_status& s) const override;

 private:
  core::environment& env_;
  const own_state& own_;
  const ring_view& ring_;
  const failed_nodes& failed_;
  const pastry_forming& forming_;
  const std::unique_ptr<pastry_role>& role_;
  unsigned leaf_set_size_;
};

}  // namespace phyllo::overlay
