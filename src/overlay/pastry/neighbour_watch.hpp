// How neighbours keep an eye on each other: the left one is asked when nothing was heard of it for Tls, and the right one is under
// suspicion when it should have asked, and has not (specification of the Pastry plug-in, upkeep). Pure.
#pragma once

#include <chrono>
#include <optional>

#include "pastry/ring_view.hpp"

namespace phyllo::overlay {

class neighbour_watch {
 public:
  static constexpr core::duration silence_grace = std::chrono::seconds(3);  // To: a heartbeat may be lost and sent again

  struct findings {
    std::optional<node_id> ask;      // unless it is asked already
    std::optional<node_id> suspect;  // it is silent
    core::time_point look_again = core::time_point::max();
  };

  // `heartbeat`: Tls. The tables outlive it.
  neighbour_watch(const ring_view& ring, core::duration heartbeat) : ring_(ring), heartbeat_(heartbeat) {}

  // `compare_at`: when views are to be compared with the left neighbour, whatever was heard of it.
  [[nodiscard]] findings look(core::time_point now, core::time_point compare_at);
  [[nodiscard]] core::duration silence_max() const noexcept { return heartbeat_ + silence_grace; }  // of the right neighbour

 private:
  const ring_view& ring_;
  core::duration heartbeat_;
  node_id watched_;  // the right neighbour, and since when it is
  core::time_point watched_since_{};
};

}  // namespace phyllo::overlay
