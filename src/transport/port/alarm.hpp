// A timer that calls back: what a link needs thousands of times a second, without a coroutine and without a system call (core/timers.hpp).
#pragma once

#include <functional>
#include <memory>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::transport {

class alarm {
 public:
  alarm(const core::executor& ex, std::function<void()> ring);  // `ring` may destroy the alarm
  ~alarm();
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  void at(core::time_point when);  // max(): never

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace phyllo::transport
