// Nodes that others have named for the routing table and that have not been linked yet, of each slot the few that should be
// nearest: linking one costs a handshake, so it is not done for those that would hardly win.
#pragma once

#include <optional>
#include <vector>

#include "routing_table.hpp"

namespace phyllo::overlay {

struct table_candidate {
  node_id node;
  node_id named_by;
  routing_table::slot slot;
  core::duration estimate{};  // of its round-trip time; zero: unknown
  places at;                  // where it can be dialled, by what the namer said
};

class table_candidates {
 public:
  static constexpr std::size_t per_slot = 2;
  static constexpr std::size_t nodes_max = 512;

  void offer(const table_candidate& c);
  // Of the first slot the one that should be nearest, and takes it out.
  std::optional<table_candidate> take();
  [[nodiscard]] std::size_t size() const noexcept { return candidates_.size(); }
  [[nodiscard]] bool empty() const noexcept { return candidates_.empty(); }

 private:
  std::vector<table_candidate> candidates_;  // by slot, then estimate; unknown ones last
};

// What the round-trip time to a node may be that another one, `mine` away from here, has at `its`.
[[nodiscard]] core::duration estimate_rtt(core::duration mine, core::duration its) noexcept;

}  // namespace phyllo::overlay
