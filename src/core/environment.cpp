#include "phyllo/core/environment.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <system_error>

#include "phyllo/core/random_pool.hpp"

namespace phyllo::core {
namespace {

class system_timer final : public timer {
 public:
  explicit system_timer(const executor& ex) : timer_(ex, time_point::max()) {}

  void set(time_point when) override { timer_.expires_at(when); }
  void cancel() override { timer_.cancel(); }

  awaitable<bool> wait() override {
    const auto when = timer_.expiry();
    asio::error_code ec;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    // A terminal cancellation of the coroutine shows at its next await: throw here already.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
    co_return !ec && timer_.expiry() == when;
  }

 private:
  asio::steady_timer timer_;
};

class system_environment final : public environment {
 public:
  explicit system_environment(executor ex) : executor_(std::move(ex)) {}

  [[nodiscard]] time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] wall_time wall_now() const noexcept override { return std::chrono::system_clock::now(); }
  [[nodiscard]] executor get_executor() override { return executor_; }
  [[nodiscard]] std::unique_ptr<timer> make_timer() override { return std::make_unique<system_timer>(executor_); }

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
