// A timing wheel beside a plain list of times: whatever is set, moved, cancelled and taken, both say the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "phyllo/core/timer_wheel.hpp"

namespace phyllo::testing {

class timer_wheel_model {
 public:
  // Operations of four octets each: which timer, what is done, how far. False: the wheel and the list differ.
  [[nodiscard]] bool run(std::span<const std::uint8_t> program) {
    for (; program.size() >= 4; program = program.subspan(4)) {
      if (!step(program[0] % timers_.size(), program[1], std::uint64_t{program[2]} << 8 | program[3])) return false;
    }
    return pass_to_the_end();
  }

 private:
  struct timer : core::timer_wheel::entry {
    std::optional<core::time_point> when;
  };

  bool step(std::size_t which, unsigned what, std::uint64_t far) {
    auto& t = timers_.at(which);
    const core::duration span(static_cast<core::duration::rep>(far << what / 8));  // up to 39 hours
    switch (what % 8) {
      case 0: set(t, now_ - span); return true;
      case 1: set(t, core::time_point::max()); return true;
      case 2:
        t.when.reset();
        wheel_.cancel(t);
        return !t.is_set();
      case 3: return pass(now_ + span);
      case 4: return pass(std::min(wheel_.next(), now_ + std::chrono::hours(1)));
      default: set(t, now_ + span); return true;
    }
  }

  void set(timer& t, core::time_point when) {
    t.when = when;
    wheel_.set(t, when);
  }

  [[nodiscard]] core::time_point earliest() const {
    auto first = core::time_point::max();
    for (const auto& t : timers_)
      if (t.when) first = std::min(first, *t.when);
    return first;
  }

  // All that is due by a tick or more is taken, nothing that is not due, and what is left is not told of too late.
  bool pass(core::time_point now) {
    now_ = std::max(now_, now);
    wheel_.advance(now_);
    while (auto* taken = static_cast<timer*>(wheel_.take())) {
      if (taken->is_set() || !taken->when || *taken->when > now_) return false;
      taken->when.reset();
    }
    for (const auto& t : timers_)
      if (t.is_set() != t.when.has_value()) return false;
    const auto first = earliest();
    if (first == core::time_point::max()) return wheel_.next() == first;
    return first + core::timer_wheel::tick > now_ && wheel_.next() > now_ && wheel_.next() < first + core::timer_wheel::tick;
  }

  // By its own word only, as its owner would: each timer is taken within a tick of its time.
  bool pass_to_the_end() {
    if (!pass(now_)) return false;
    while (wheel_.next() != core::time_point::max()) {  // ends: a timer is nearer by a level each time, or taken
      if (!pass(wheel_.next())) return false;
    }
    return earliest() == core::time_point::max();
  }

  core::time_point now_{std::chrono::hours(1)};
  core::timer_wheel wheel_{now_};
  std::array<timer, 32> timers_;
};

}  // namespace phyllo::testing
