#include "phyllo/core/task_scope.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/this_coro.hpp>
#include <cassert>
#include <exception>
#include <list>
#include <system_error>

namespace phyllo::core {
namespace {

bool is_cancellation(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const std::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

struct task_scope::state {
  executor ex;
  std::unique_ptr<timer> joined;
  std::list<asio::cancellation_signal> signals;
  bool cancelled = false;
};

task_scope::task_scope(environment& env) : state_(std::make_shared<state>()) {
  state_->ex = env.get_executor();
  state_->joined = env.make_timer();
}

task_scope::~task_scope() {
  // The frames may hold the last references to the state when the io_context is destroyed first; then it is empty.
  assert(state_->signals.empty() || state_.use_count() == 1);
}

void task_scope::spawn(awaitable<void> task) {
  if (state_->cancelled) return;
  const auto at = state_->signals.emplace(state_->signals.end());
  auto finished = [s = state_, at](const std::exception_ptr& e) {
    s->signals.erase(at);
    if (s->signals.empty()) s->joined->cancel();
    if (e && !is_cancellation(e)) std::rethrow_exception(e);  // a bug: out of the event loop, the process ends
  };
  asio::co_spawn(state_->ex, std::move(task), asio::bind_cancellation_slot(at->slot(), std::move(finished)));
}

void task_scope::cancel() {
  state_->cancelled = true;
  for (auto i = state_->signals.begin(); i != state_->signals.end();) {
    auto& signal = *i++;  // a task may end, and its signal go, while it is told
    signal.emit(asio::cancellation_type::terminal);
  }
}

awaitable<void> task_scope::join() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (!state_->signals.empty()) {  // ends with the last task
    state_->joined->set(time_point::max());
    co_await state_->joined->wait();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());  // as co_spawn had it
}

std::size_t task_scope::running() const noexcept { return state_->signals.size(); }

}  // namespace phyllo::core
