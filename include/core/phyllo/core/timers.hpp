// The timers of one io_context, which one thread runs: all stand in one timing wheel, and that has one alarm of the kernel. Messages set
// and cancel timers by the thousand, and a system call each time would cost more than the timers are worth.
#pragma once

#include <asio/execution_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/timer_wheel.hpp"

namespace phyllo::core {

// The alarm is set anew only for a timer that is due before it. It may ring, find nothing due, and be set for what comes next.
class timers final : public asio::execution_context::service {
 public:
  class entry : public timer_wheel::entry {
   public:
    virtual void ring() = 0;           // on the io_context, from no other call; it may destroy the entry
    virtual void drop() noexcept = 0;  // the io_context ends: nothing rings any more

   protected:
    ~entry() = default;
  };

  using key_type = timers;
  static asio::execution_context::id id;

  // Those of the io_context that `ex` belongs to, for as long as that lives.
  [[nodiscard]] static timers& of(const executor& ex);
  explicit timers(asio::execution_context& owner);

  void set(entry& e, time_point when);  // replaces its time; max(): never
  void ring_soon(entry& e);             // when the present call has ended
  void cancel(entry& e);

  [[nodiscard]] std::uint64_t alarms_set() const noexcept { return alarms_set_; }

 private:
  void shutdown() override;
  void run();
  void arm();
  void run_soon();

  timer_wheel wheel_;
  asio::steady_timer alarm_;
  time_point armed_ = time_point::max();  // what the alarm is set to
  bool soon_ = false;                     // run() is posted
  bool running_ = false;
  std::uint64_t alarms_set_ = 0;
};

}  // namespace phyllo::core
