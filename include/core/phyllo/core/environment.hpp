// Time and randomness from outside, so that the code that ships runs unchanged under a simulated clock.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::core {

// One alarm clock of one owner. A wait ends when the time set is reached or when the timer is set or cancelled
// anew; the waiter asks its own predicate again. At most one wait at a time.
class timer {
 public:
  virtual ~timer() = default;
  virtual void set(time_point when) = 0;  // replaces the time, waking a waiter
  virtual void cancel() = 0;              // wakes a waiter; the time stays
  // True: the time was reached; false: it was set or cancelled meanwhile. Cancelling the coroutine (terminal)
  // makes it throw, as any Asio operation does.
  virtual awaitable<bool> wait() = 0;
};

class environment {
 public:
  virtual ~environment() = default;
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  [[nodiscard]] virtual wall_time wall_now() const noexcept = 0;
  virtual void random(std::span<std::uint8_t> out) = 0;  // cryptographically strong in production
  [[nodiscard]] virtual executor get_executor() = 0;     // where this environment's coroutines run
  [[nodiscard]] virtual std::unique_ptr<timer> make_timer() = 0;
};

// Resumes at `when`; throws on cancellation of the coroutine.
awaitable<void> sleep_until(environment& env, time_point when);
awaitable<void> sleep_for(environment& env, duration span);

[[nodiscard]] std::uint64_t random_u64(environment& env);
// Uniform in [low, high].
[[nodiscard]] duration random_between(environment& env, duration low, duration high);

// The real clock and getrandom(2), on the given executor (one thread).
[[nodiscard]] std::unique_ptr<environment> make_system_environment(executor ex);

}  // namespace phyllo::core
