#include "phyllo/core/environment.hpp"

#include <asio/associated_cancellation_slot.hpp>
#include <asio/error.hpp>
#include <asio/use_awaitable.hpp>
#include <cassert>
#include <exception>
#include <functional>
#include <system_error>
#include <utility>

#include "phyllo/core/random_pool.hpp"
#include "phyllo/core/timers.hpp"

namespace phyllo::core {
namespace {

// In the wheel only while somebody waits. The one who waits is resumed by the wheel, never from inside another call.
class system_timer final : public timer, private timers::entry {
 public:
  explicit system_timer(timers& t) : timers_(t) {}
  ~system_timer() override { timers_.cancel(*this); }
  system_timer(const system_timer&) = delete;
  system_timer& operator=(const system_timer&) = delete;

  void set(time_point when) override {
    when_ = when;
    wake();
  }
  void cancel() override { wake(); }

  awaitable<bool> wait() override {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, bool)>(
        [this](auto handler) { begin(std::move(handler)); }, asio::use_awaitable);
  }

 private:
  using resumption = std::move_only_function<void(std::exception_ptr, bool)>;

  template <class Handler>
  void begin(Handler handler) {
    assert(!resume_);
    woken_ = aborted_ = false;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([this](asio::cancellation_type) {
        aborted_ = true;
        wake();
      });
    }
    resume_ = std::move(handler);
    timers_.set(*this, when_);
  }
  void wake() {
    if (!resume_ || std::exchange(woken_, true)) return;
    timers_.ring_soon(*this);
  }
  void ring() override {
    const bool reached = !woken_;
    auto thrown = aborted_ ? std::make_exception_ptr(std::system_error(asio::error::operation_aborted)) : std::exception_ptr();
    auto resume = std::exchange(resume_, {});
    resume(std::move(thrown), reached);  // this may be destroyed by it
  }
  void drop() noexcept override { const auto dropped = std::exchange(resume_, {}); }

  timers& timers_;
  time_point when_ = time_point::max();
  resumption resume_;
  bool woken_ = false;
  bool aborted_ = false;
};

class system_environment final : public environment {
 public:
  explicit system_environment(executor ex) : executor_(std::move(ex)) {}

  [[nodiscard]] time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] wall_time wall_now() const noexcept override { return std::chrono::system_clock::now(); }
  [[nodiscard]] executor get_executor() override { return executor_; }
  [[nodiscard]] std::unique_ptr<timer> make_timer() override { return std::make_unique<system_timer>(timers::of(executor_)); }

  void random(std::span<std::uint8_t> out) override { pool_.take(out); }

 private:
  executor executor_;
  random_pool pool_;
};

}  // namespace

awaitable<void> sleep_until(environment& env, time_point when) {
  const auto alarm = env.make_timer();
  alarm->set(when);
  while (env.now() < when) co_await alarm->wait();  // ends when the time has come
}

awaitable<void> sleep_for(environment& env, duration span) {
  const auto when = env.now() + span;
  co_await sleep_until(env, when);
}

std::uint64_t random_u64(environment& env) {
  std::uint64_t value = 0;
  env.random({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

duration random_between(environment& env, duration low, duration high) {
  const auto range = static_cast<std::uint64_t>((high - low).count()) + 1;
  return low + duration(static_cast<duration::rep>(random_u64(env) % range));
}

std::unique_ptr<environment> make_system_environment(executor ex) { return std::make_unique<system_environment>(std::move(ex)); }

}  // namespace phyllo::core
