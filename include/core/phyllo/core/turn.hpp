// Turns of coroutines that share a thread: who finds its input ready each time would never suspend, and nobody else would run.
#pragma once

#include <chrono>
#include <cstddef>

#include "phyllo/core/awaitable.hpp"

namespace phyllo::core {

// Suspends until all else that is ready on the coroutine's executor has had its turn. Cancelling the coroutine makes it throw, as any
// Asio operation does.
[[nodiscard]] awaitable<void> next_turn();

// What one coroutine has taken since it last suspended. Bytes and steps bound what it takes of others' memory, time what it takes of the
// thread: many small requests in few bytes cost much.
class turn {
 public:
  static constexpr std::size_t steps_max = 16;
  static constexpr std::size_t bytes_max = 64 * 1024;
  static constexpr std::chrono::microseconds time_max{500};  // real time, also where an environment's is simulated

  // Counts one step that did not wait. True: the turn is over, and has begun anew: co_await next_turn().
  [[nodiscard]] bool over_after(std::size_t taken) noexcept {
    const auto now = clock::now();
    if (steps_ == 0) began_ = now;
    ++steps_;
    bytes_ += taken;
    if (steps_ < steps_max && bytes_ < bytes_max && now - began_ < time_max) return false;
    begin();
    return true;
  }
  void begin() noexcept { steps_ = bytes_ = 0; }  // it has waited

 private:
  using clock = std::chrono::steady_clock;
  clock::time_point began_;
  std::size_t steps_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace phyllo::core
