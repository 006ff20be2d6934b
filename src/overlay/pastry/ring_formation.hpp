// When members of a ring that was down as a whole begin it again, and which of them does (specification of the Pastry plug-in, forming the
// ring again). Pure: it is told who is here, and the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class ring_formation {
 public:
  // Until the others have found their majorities, too.
  static constexpr core::duration patience = std::chrono::seconds(3);

  // A node that is linked, proven by its certificate, and not active.
  struct waiting {
    node_id node;
    bool may_form = false;  // it says so itself
  };

  // `members`: those with whom `self` was in the ring last, without itself.
  ring_formation(const node_id& self, std::vector<node_id> members);

  // No active node is known, and `here` are those that wait as well. True: it is for this node to begin the ring, now.
  [[nodiscard]] bool look(const std::vector<waiting>& here, core::time_point now);
  // An active node is known: there is nothing to form.
  void stand_down() noexcept { may_form_ = false; }

  // More than half of the members, this node among them, wait here: while that is so, no other half can be a ring.
  [[nodiscard]] bool may_form() const noexcept { return may_form_; }
  [[nodiscard]] std::size_t needed() const noexcept { return (members_.size() + 1) / 2 + 1; }
  [[nodiscard]] std::size_t members() const noexcept { return members_.size() + 1; }
  [[nodiscard]] std::size_t here() const noexcept { return here_; }  // of the members, this node included

 private:
  node_id self_;
  std::vector<node_id> members_;  // sorted
  std::size_t here_ = 1;
  bool may_form_ = false;
  core::time_point since_{};  // it may
};

}  // namespace phyllo::overlay
