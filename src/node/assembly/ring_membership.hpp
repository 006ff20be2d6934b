// A node's part in the ring of its overlay: it starts the ring or joins it, finds parts of it that have come apart, and leaves it.
#pragma once

#include <string>

#include "assembly/node_progress.hpp"
#include "assembly/place_search.hpp"
#include "assembly/ring_memory.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

class ring_membership {
 public:
  // References outlive it.
  ring_membership(const place_search::parts& p, node_progress& progress, const core::logger& log);

  [[nodiscard]] place_search& places() noexcept { return places_; }
  [[nodiscard]] ring_memory& memory() noexcept { return memory_; }

  // Reads what was kept. True: this node starts the overlay; not where anything says that others are or were part of it.
  core::awaitable<bool> begin();
  // By `p`, which is not stopped before this has ended; again and again. Ends joined, or by cancellation.
  core::awaitable<void> join(overlay::peer& p);
  core::status form();                      // as overlay_node::form
  core::awaitable<void> look_for_others();  // while it is in the ring; ends by cancellation
  core::awaitable<void> leave(core::time_point deadline);

  [[nodiscard]] bool alone() const;         // ready, and no other node is in the ring
  [[nodiscard]] bool lost_others() const;   // alone, though others are known, and nobody has told it to be
  [[nodiscard]] bool cut_off() const;       // hears nothing from the ring, or has nobody in it to hear from
  [[nodiscard]] std::string apart() const;  // of a login server: what keeps it from the others; empty: nothing

 private:
  core::awaitable<void> look_for_parts();       // of a supernode, once
  core::awaitable<void> look_for_supernodes();  // of an ordinary node, once
  [[nodiscard]] bool ordinary() const { return peer_ != nullptr ? peer_->client() : configuration_.node.role == "ordinary"; }

  core::environment& env_;
  const configuration& configuration_;
  node_progress& progress_;
  core::logger log_;
  place_search places_;
  ring_memory memory_;
  overlay::peer* peer_ = nullptr;
  bool meant_alone_ = false;  // it was told to form the ring
};

}  // namespace phyllo::node
