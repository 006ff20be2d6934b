// What this node is in the ring, and what it tells of itself: the LeafSetState in its messages (specification of the Pastry plug-in,
// bodies).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pastry/failed_nodes.hpp"
#include "pastry/leaf_set_state.hpp"
#include "pastry/ring_formation.hpp"
#include "pastry/ring_view.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/link.hpp"

namespace phyllo::overlay {

class own_state {
 public:
  // All references outlive it.
  own_state(core::environment& env, const transport::link_layer& layer, ring_view& ring, const failed_nodes& failed)
      : env_(env), layer_(layer), ring_(ring), failed_(failed) {}

  void begin(std::uint32_t incarnation);  // 0: the start in Unix seconds
  void become(peer_state s) noexcept { state_ = s; }
  [[nodiscard]] const peer_state& state() const noexcept { return state_; }
  [[nodiscard]] bool joining() const noexcept { return state_ == peer_state::joining; }
  [[nodiscard]] std::uint32_t incarnation() const noexcept { return incarnation_; }
  // With whom it forms the ring again: of a node that was a member before, until it is one.
  [[nodiscard]] std::optional<ring_formation>& formation() noexcept { return formation_; }
  [[nodiscard]] const std::optional<ring_formation>& formation() const noexcept { return formation_; }

  [[nodiscard]] leaf_set_state tell(std::uint8_t flags = 0) const;
  // With whether this node needs the link to `n`, which is told by it; and by whose grants it is here, if `n` may not know.
  [[nodiscard]] leaf_set_state tell_to(const node_id& n, std::uint8_t flags = 0);
  [[nodiscard]] bool needs(const node_id& n) const { return ring_.leafs.contains(n) || ring_.table.contains(n); }

  // What `from` has granted this node.
  void keep_grants(const node_id& from, const std::vector<signed_grant>& granted);
  void drop_grants() { grants_.clear(); }

 private:
  core::environment& env_;
  const transport::link_layer& layer_;
  ring_view& ring_;
  const failed_nodes& failed_;
  peer_state state_ = peer_state::joining;
  std::uint32_t incarnation_ = 0;
  std::vector<signed_grant> grants_;  // by which this node was admitted
  std::optional<ring_formation> formation_;
};

}  // namespace phyllo::overlay
