// The one clock of all transactions of a layer: their next timers, and the alarm that is set for the first of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "phyllo/core/environment.hpp"
#include "transaction_schedule.hpp"

namespace phyllo::sip {

class transaction_clock {
 public:
  // `env` must outlive it.
  explicit transaction_clock(core::environment& env) : env_(env), alarm_(env.make_timer()) {}

  [[nodiscard]] core::time_point now() const { return env_.now(); }

  // A transaction's next timer; what was set for it before comes too, and it finds nothing due then.
  void set(core::time_point when, std::uint64_t id) {
    const bool earliest = when < schedule_.next();
    schedule_.add(when, id);
    if (earliest) alarm_->set(when);
  }

  // Whose timer is due; nullopt: nobody's.
  [[nodiscard]] std::optional<std::uint64_t> take_due() {
    if (schedule_.empty() || schedule_.next() > env_.now()) return std::nullopt;
    return schedule_.take().id;
  }

  // Set for the first timer, to be waited for.
  [[nodiscard]] core::timer& alarm() {
    alarm_->set(schedule_.next());
    return *alarm_;
  }

 private:
  core::environment& env_;
  transaction_schedule schedule_;
  std::unique_ptr<core::timer> alarm_;
};

}  // namespace phyllo::sip
