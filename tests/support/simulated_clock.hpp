// A simulated clock, an environment under it, and a loop that jumps from expiry to expiry: hours pass in
// milliseconds, and the code under test is the code that ships.
#pragma once

#include <doctest.h>

#include <asio/basic_waitable_timer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdint>
#include <exception>
#include <memory>
#include <random>
#include <set>

#include "phyllo/core/environment.hpp"

namespace phyllo::testing {

// Asio's clock concept wants static now(): one simulated time a thread.
struct simulated_clock {
  using duration = core::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<simulated_clock, duration>;
  static constexpr bool is_steady = true;
  static inline thread_local time_point current{std::chrono::hours(1)};
  static time_point now() noexcept { return current; }
};

struct no_wait {  // the reactor never sleeps for simulated time
  static simulated_clock::duration to_wait_duration(const simulated_clock::duration&) { return simulated_clock::duration::zero(); }
  static simulated_clock::duration to_wait_duration(const simulated_clock::time_point&) { return simulated_clock::duration::zero(); }
};

class simulated_world {
 public:
  explicit simulated_world(std::uint64_t seed = 1) : random_(seed) {
    simulated_clock::current = simulated_clock::time_point(std::chrono::hours(1));
  }

  asio::io_context io{1};

  [[nodiscard]] core::environment& env() noexcept { return env_; }
  [[nodiscard]] core::time_point now() const noexcept { return core::time_point(simulated_clock::now().time_since_epoch()); }

  // Runs until `done` or until simulated `limit` has passed; true if done.
  template <class Predicate>
  bool run_until(Predicate done, core::duration limit) {
    const auto end = simulated_clock::now() + limit;
    while (!done()) {  // ends at done, the limit, or when nothing is scheduled
      io.restart();
      if (io.poll() > 0) continue;
      if (expiries_.empty() || *expiries_.begin() > end) break;
      if (*expiries_.begin() > simulated_clock::current) simulated_clock::current = *expiries_.begin();
      expiries_.erase(expiries_.begin());
    }
    if (!done() && simulated_clock::current < end) simulated_clock::current = end;
    return done();
  }
  void run_for(core::duration span) {
    run_until([] { return false; }, span);
  }

  // Runs `task` to its end; rethrows what it threw; fails the test after simulated `limit`.
  void run(core::awaitable<void> task, core::duration limit = std::chrono::hours(1)) {
    bool done = false;
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& e) {
      thrown = e;
      done = true;
    });
    REQUIRE(run_until([&] { return done; }, limit));
    if (thrown) std::rethrow_exception(thrown);
  }

  // Calls `f` at `when` (a simulated network delivers so).
  template <class Function>
  void at(core::time_point when, Function f) {
    auto t = std::make_shared<asio_timer>(io);
    const simulated_clock::time_point at(when.time_since_epoch());
    t->expires_at(at);
    expiries_.insert(at);
    t->async_wait([t, f = std::move(f)](const asio::error_code& ec) mutable {
      if (!ec) f();
    });
  }

 private:
  using asio_timer = asio::basic_waitable_timer<simulated_clock, no_wait>;

  class timer final : public core::timer {
   public:
    explicit timer(simulated_world& w) : world_(w), timer_(w.io, simulated_clock::time_point::max()) {}
    void set(core::time_point when) override {
      const simulated_clock::time_point at(when.time_since_epoch());
      timer_.expires_at(at);
      if (when != core::time_point::max()) world_.expiries_.insert(at);
    }
    void cancel() override { timer_.cancel(); }
    core::awaitable<bool> wait() override {
      const auto when = timer_.expiry();
      asio::error_code ec;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
      co_return !ec && timer_.expiry() == when;
    }

   private:
    simulated_world& world_;
    asio_timer timer_;
  };

  class environment final : public core::environment {
   public:
    explicit environment(simulated_world& w) : world_(w) {}
    [[nodiscard]] core::time_point now() const noexcept override { return world_.now(); }
    [[nodiscard]] core::wall_time wall_now() const noexcept override {
      // 2026-01-01T00:00:00Z plus simulated time.
      return core::wall_time(std::chrono::seconds(1767225600)) +
             std::chrono::duration_cast<core::wall_time::duration>(simulated_clock::now().time_since_epoch());
    }
    void random(std::span<std::uint8_t> out) override {
      for (auto& b : out) b = static_cast<std::uint8_t>(world_.random_());
    }
    [[nodiscard]] core::executor get_executor() override { return world_.io.get_executor(); }
    [[nodiscard]] std::unique_ptr<core::timer> make_timer() override { return std::make_unique<timer>(world_); }

   private:
    simulated_world& world_;
  };

  std::multiset<simulated_clock::time_point> expiries_;
  std::mt19937_64 random_;
  environment env_{*this};
};

}  // namespace phyllo::testing
