// The alarm of the loop that keeps replicas whole (storage.md, S): who wakes it while it is at work makes it go round again at once.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"

namespace phyllo::overlay {

class sync_alarm {
 public:
  // `env` outlives it.
  explicit sync_alarm(core::environment& env) : timer_(env.make_timer()) {}

  void wake() {
    woken_ = true;
    timer_->cancel();
  }

  // Of the loop alone: whether it was woken since it last began, what it waits for, and that it begins.
  [[nodiscard]] bool woken() const noexcept { return woken_; }
  core::awaitable<bool> wait_until(core::time_point when) {
    timer_->set(when);
    return timer_->wait();
  }
  void begin() noexcept { woken_ = false; }

 private:
  std::unique_ptr<core::timer> timer_;
  bool woken_ = false;
};

}  // namespace phyllo::overlay
