// Virtual time: a loop that jumps from event to event, and the environment under it. Hours pass in milliseconds, and
// the code that runs here is the code that ships. All that happens depends on the seed alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/sim/event_queue.hpp"

namespace phyllo::sim {

class world;

// What one host has for its environment: the world's time and chance, with a wall clock of its own.
class environment final : public core::environment {
 public:
  explicit environment(world& w) : world_(w) {}
  [[nodiscard]] core::time_point now() const noexcept override;
  [[nodiscard]] core::wall_time wall_now() const noexcept override;
  void random(std::span<std::uint8_t> out) override;
  [[nodiscard]] core::executor get_executor() override;
  [[nodiscard]] std::unique_ptr<core::timer> make_timer() override;

  // What the wall clock is ahead of the true time. It may jump at any time; the monotonic clock never does.
  void set_skew(core::duration skew) noexcept { skew_ = skew; }
  [[nodiscard]] core::duration skew() const noexcept { return skew_; }

 private:
  world& world_;
  core::duration skew_{};
};

// One thread. What is built on it is destroyed before it.
class world {
 public:
  explicit world(std::uint64_t seed = 1);
  ~world();  // ends the coroutines that still wait
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] core::environment& env() noexcept { return env_; }      // with the true time
  [[nodiscard]] core::time_point now() const noexcept { return now_; }  // one hour at the start
  [[nodiscard]] core::wall_time wall_now() const noexcept;              // 2026-01-01T01:00:00Z at the start
  [[nodiscard]] std::mt19937_64& random() noexcept { return random_; }
  [[nodiscard]] double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }  // that have happened

  void schedule(event& e, core::time_point when) { queue_.schedule(e, std::max(when, now_)); }
  void remove(event& e) noexcept { queue_.remove(e); }
  // Calls `f` at `when`.
  void at(core::time_point when, std::move_only_function<void()> f);

  // Runs until `done` (asked after each event) or until `limit` has passed; true if done. It also ends when nothing is left to happen.
  template <class Predicate>
  bool run_until(Predicate done, core::duration limit) {
    const auto end = now_ + limit;
    while (!done()) {  // ends at done, the limit, or when nothing is scheduled
      if (!step(end)) break;
    }
    if (done()) return true;
    now_ = std::max(now_, end);
    return false;
  }
  void run_for(core::duration span);

  // Starts `task`; an exception that leaves it leaves the run.
  void spawn(core::awaitable<void> task);
  // Runs `task` to its end and rethrows what it threw. False: it has not ended within `limit`.
  [[nodiscard]] bool finish(core::awaitable<void> task, core::duration limit = std::chrono::hours(1));

 private:
  friend class environment;
  class timer;
  class call;
  struct loop;
  bool step(core::time_point end);  // false: nothing is left until `end`
  void end_waits() noexcept;

  core::time_point now_;
  std::mt19937_64 random_;
  std::uint64_t events_ = 0;
  event_queue queue_;
  timer* waiting_ = nullptr;  // a list of the timers that coroutines wait for
  std::unique_ptr<loop> loop_;
  environment env_{*this};
};

}  // namespace phyllo::sim
