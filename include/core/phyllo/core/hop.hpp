// How a coroutine of one shard awaits what runs on another: it hops there, and comes back with the result.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/inbox.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::core {

// One shard, as the others reach it.
class shard_door {
 public:
  static constexpr std::size_t works_max = 65'536;

  // `env` must outlive it.
  explicit shard_door(environment& env);
  ~shard_door();
  shard_door(const shard_door&) = delete;
  shard_door& operator=(const shard_door&) = delete;

  [[nodiscard]] environment& env() noexcept { return env_; }
  // As inbox has them, from any thread.
  bool post(inbox::work w) { return inbox_.post(std::move(w)); }
  void post_surely(inbox::work w) { inbox_.post_surely(std::move(w)); }

  // Awaited on this shard: has `what` make a task on `there`, and waits until it has ended. errc::full: too much waits there;
  // errc::cancelled: it was cancelled there. Terminal cancellation of the waiter cancels the task, and does not wait for that. Both
  // doors, and what the task refers to, last until join() of `there` has returned.
  using maker = std::move_only_function<awaitable<void>()>;
  awaitable<status> ask(shard_door& there, maker what);

  // On this shard: resumes when nothing runs here that others have asked for, and all that they had posted by then has run.
  awaitable<void> join();

 private:
  struct waiter;
  struct call;
  struct calls;
  void begin(const std::shared_ptr<call>& c, maker what);

  environment& env_;
  inbox inbox_;
  std::shared_ptr<calls> calls_;
};

template <class T>
awaitable<void> fill_answer(std::shared_ptr<std::optional<result<T>>> answer, std::move_only_function<awaitable<result<T>>()> what) {
  auto found = co_await what();
  answer->emplace(std::move(found));
}

// Awaited on `home`: what the task that `what` makes on `there` returns. It is called there; errors are those of shard_door::ask, too.
template <class T>
awaitable<result<T>> hop(shard_door& home, shard_door& there, std::move_only_function<awaitable<result<T>>()> what) {
  const auto answer = std::make_shared<std::optional<result<T>>>();
  shard_door::maker task = [answer, w = std::move(what)]() mutable { return fill_answer<T>(answer, std::move(w)); };
  const auto done = co_await home.ask(there, std::move(task));
  if (!done) co_return fail(done.error());
  co_return std::move(**answer);
}

}  // namespace phyllo::core
