// Nodes that others have named for the routing table and that have not been linked yet, of each slot the few that should be
// nearest: linking one costs a handshake, so it is not done for those that would hardly win, and of one slot for one after the other.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pastry/routing_table.hpp"

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

  // Of one slot so many are out at a time, at most.
  explicit table_candidates(std::size_t at_once) : at_once_(at_once) {}

  void offer(const table_candidate& c);
  // Takes out the one that should be nearest, of the first slot that lets it. It is out until tried() is told.
  std::optional<table_candidate> take();
  void tried(const node_id& n);                                                      // nothing, if it is not out
  [[nodiscard]] bool ready() const noexcept { return next() != candidates_.end(); }  // take() would give one
  [[nodiscard]] std::size_t size() const noexcept { return candidates_.size(); }
  [[nodiscard]] bool done() const noexcept { return candidates_.empty() && out_.empty(); }

 private:
  [[nodiscard]] std::vector<table_candidate>::const_iterator next() const noexcept;

  std::size_t at_once_;
  std::vector<table_candidate> candidates_;  // by slot, then estimate; unknown ones last
  std::vector<std::pair<routing_table::slot, node_id>> out_;
};

// What the round-trip time to a node may be that another one, `mine` away from here, has at `its`.
[[nodiscard]] core::duration estimate_rtt(core::duration mine, core::duration its) noexcept;

}  // namespace phyllo::overlay
