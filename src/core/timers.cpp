#include "phyllo/core/timers.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <utility>

namespace phyllo::core {
namespace {

using clock = std::chrono::steady_clock;

}  // namespace

asio::execution_context::id timers::id;

timers& timers::of(const executor& ex) {
  return asio::use_service<timers>(asio::query(ex, asio::execution::context_as_t<asio::execution_context&>()));
}

timers::timers(asio::execution_context& owner) : service(owner), wheel_(clock::now()), alarm_(static_cast<asio::io_context&>(owner)) {}

void timers::set(entry& e, time_point when) {
  if (when <= clock::now()) return ring_soon(e);  // and not at the next tick
  wheel_.set(e, when);
  arm();
}

void timers::ring_soon(entry& e) {
  wheel_.set_due(e);
  arm();
}

void timers::cancel(entry& e) {
  if (!e.is_set()) return;
  wheel_.cancel(e);
  arm();
}

void timers::shutdown() {
  while (auto* e = wheel_.any()) {  // ends: one less each time, and nothing runs that would set another
    wheel_.cancel(*e);
    static_cast<entry*>(e)->drop();
  }
}

void timers::run() {
  struct turn {  // ends also where somebody's ring() throws
    timers& whose;
    ~turn() {
      whose.running_ = false;
      whose.arm();
    }
  };
  running_ = true;
  const turn here{*this};
  wheel_.advance(clock::now());
  while (auto* e = wheel_.take()) static_cast<entry*>(e)->ring();  // ends: who is set meanwhile waits for the next turn
}

// An io_context that has nothing else to do ends: so there is no alarm where nothing is waited for.
void timers::arm() {
  if (running_) return;
  const auto next = wheel_.next();
  if (next == time_point::max() && armed_ != next) {
    armed_ = next;
    alarm_.cancel();
  }
  if (next >= armed_) return;
  if (next <= clock::now()) return run_soon();
  armed_ = next;
  ++alarms_set_;
  alarm_.expires_at(next);
  alarm_.async_wait([this](const asio::error_code& ec) {
    if (ec) return;  // it was moved
    armed_ = time_point::max();
    run();
  });
}

void timers::run_soon() {
  if (std::exchange(soon_, true)) return;
  asio::post(alarm_.get_executor(), [this] {
    soon_ = false;
    run();
  });
}

}  // namespace phyllo::core
