// What a Chord node knows of the ring, as its peer asks for it: a view of the machine's tables.
#pragma once

#include "chord/chord.hpp"
#include "chord/chord_contacts.hpp"
#include "reload/replica_places.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class chord_knowledge final : public ring_knowledge, public replica_places {
 public:
  // All outlive it.
  chord_knowledge(core::environment& env, const chord& machine, const chord_contacts& contacts, const link_table& links,
                  const peer_state& state)
      : env_(env), machine_(machine), contacts_(contacts), links_(links), state_(state) {}

  [[nodiscard]] peer_state state() const override { return state_; }
  [[nodiscard]] bool active() const override { return machine_.routing().active(); }
  [[nodiscard]] std::vector<member> members() const override;
  [[nodiscard]] std::vector<node_id> adjacent() const override;
  [[nodiscard]] std::vector<node_id> neighbours() const override { return machine_.routing().neighbours().members(); }
  [[nodiscard]] std::vector<node_id> far_peers() const override { return machine_.routing().fingers().entries(); }
  [[nodiscard]] double responsible_share() const override;
  [[nodiscard]] core::duration round_trip(const node_id& to) const override;
  [[nodiscard]] bool has_failed(const node_id& n) const override { return contacts_.has_failed(n, env_.now()); }
  [[nodiscard]] node_id next_peer(const destination& d) const override;
  [[nodiscard]] places heard_places(const node_id& n) const override { return contacts_.places_of(n); }
  void describe(peer_status& s) const override;

  // replica_places: the two next successors (s.10.4)
  [[nodiscard]] bool responsible(const resource_id& key) const override;
  [[nodiscard]] bool keeps(const resource_id& key) const override { return machine_.routing().neighbours().kept().contains(key); }
  [[nodiscard]] std::vector<node_id> replicas() const override { return machine_.routing().neighbours().replica_set(); }

 private:
  core::environment& env_;
  const chord& machine_;
  const chord_contacts& contacts_;
  const link_table& links_;
  const peer_state& state_;
};

}  // namespace phyllo::overlay
