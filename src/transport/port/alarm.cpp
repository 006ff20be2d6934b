#include "port/alarm.hpp"

#include "phyllo/core/timers.hpp"

namespace phyllo::transport {

struct alarm::state final : core::timers::entry, std::enable_shared_from_this<state> {
  state(const core::executor& ex, std::function<void()> r) : wheel(core::timers::of(ex)), bell(std::move(r)) {}

  void ring() override {
    const auto kept = shared_from_this();  // the bell may destroy the alarm
    bell();
  }
  void drop() noexcept override {}

  core::timers& wheel;
  std::function<void()> bell;
};

alarm::alarm(const core::executor& ex, std::function<void()> ring) : state_(std::make_shared<state>(ex, std::move(ring))) {}
alarm::~alarm() { state_->wheel.cancel(*state_); }

void alarm::at(core::time_point when) {
  if (when == core::time_point::max()) return state_->wheel.cancel(*state_);
  state_->wheel.set(*state_, when);
}

}  // namespace phyllo::transport
