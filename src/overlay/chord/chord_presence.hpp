// Where a Chord node stands between its start and its end, and who waits for that to change.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::overlay {

class chord_presence {
 public:
  explicit chord_presence(core::environment& env) : env_(env), changed_(env.make_timer()) {}

  [[nodiscard]] const peer_state& state() const noexcept { return state_; }
  void enter(peer_state s) {
    state_ = s;
    changed_->cancel();
  }
  // Returns when it is not joining any more, or at the deadline. One at a time waits.
  core::awaitable<void> joined(core::time_point deadline) {
    while (state_ == peer_state::joining && env_.now() < deadline) {  // ends so
      changed_->set(deadline);
      co_await changed_->wait();
    }
  }

 private:
  core::environment& env_;
  peer_state state_ = peer_state::joining;
  std::unique_ptr<core::timer> changed_;
};

}  // namespace phyllo::overlay
