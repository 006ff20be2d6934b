#include "port/alarm.hpp"

#include <asio/steady_timer.hpp>

namespace phyllo::transport {

struct alarm::state : std::enable_shared_from_this<state> {
  state(const core::executor& ex, std::function<void()> r) : timer(ex), ring(std::move(r)) {}

  void arm() {
    armed = when;
    timer.expires_at(armed);
    timer.async_wait([weak = weak_from_this()](const asio::error_code& ec) {
      if (const auto self = weak.lock(); self && !ec) self->expired();
    });
  }

  void expired() {
    armed = core::time_point::max();
    if (when == core::time_point::max()) return;
    if (std::chrono::steady_clock::now() < when) return arm();
    when = core::time_point::max();
    ring();
  }

  asio::steady_timer timer;
  std::function<void()> ring;
  core::time_point when = core::time_point::max();
  core::time_point armed = core::time_point::max();
};

alarm::alarm(const core::executor& ex, std::function<void()> ring) : state_(std::make_shared<state>(ex, std::move(ring))) {}
alarm::~alarm() { state_->timer.cancel(); }

void alarm::at(core::time_point when) {
  state_->when = when;
  if (when < state_->armed) state_->arm();
}

}  // namespace phyllo::transport
