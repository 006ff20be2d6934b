// The links of this node, as they come, are told of their use, and go (specification of the Pastry plug-in, upkeep and links).
#pragma once

#include "pastry/pastry_failures.hpp"
#include "pastry/pastry_requests.hpp"

namespace phyllo::overlay {

// All outlive it.
struct link_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  leaf_set_admission& admission;
  state_probes& probes;
  pastry_failures& failures;
  pastry_requests& requests;
  const std::unique_ptr<pastry_role>& role;
};

class pastry_links final : public link_maker_observer {
 public:
  // `choosy`: near nodes are of more use (peer_options::replica_choice).
  pastry_links(const link_parts& parts, bool choosy) : parts_(parts), choosy_(choosy) {}

  // link_maker_observer
  [[nodiscard]] places places_of(const node_id& n) const override;
  void learn_places(const node_id& n, const places& p) override { parts_.ring.learn_places(n, p); }
  [[nodiscard]] core::time_point heard(const node_id& n) const override;
  [[nodiscard]] bool has_room_for(const node_id& n) override { return parts_.role->has_room_for(n); }
  void on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) override;
  void on_update_wanted(const node_id& n) override { parts_.requests.send_tables({destination::to_node(n)}); }

  void close_unused();  // tells who needs to know whether its link is needed
  void drop_revoked();  // whose peers are not trusted any more, and have failed so

 private:
  void tend(const node_id& n, core::time_point now);

  link_parts parts_;
  bool choosy_;
};

}  // namespace phyllo::overlay
