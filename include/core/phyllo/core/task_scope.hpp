// The owner of spawned coroutines: cancels and joins them, so nothing is detached.
#pragma once

#include <cstddef>
#include <memory>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"

namespace phyllo::core {

class task_scope {
 public:
  // `env` must outlive the scope. All calls are made on env's executor.
  explicit task_scope(environment& env);
  ~task_scope();  // asserts that nothing runs any more: join() first (or the io_context is gone)
  task_scope(const task_scope&) = delete;
  task_scope& operator=(const task_scope&) = delete;

  // Starts `task` on the executor. A task that ends by cancellation ends quietly; any other exception is a bug and
  // terminates the process. After cancel() nothing starts any more (the task is destroyed unrun).
  void spawn(awaitable<void> task);

  // Asks every running task to stop (terminal cancellation: its current await throws).
  void cancel();

  // Resumes when no task runs any more. Does not cancel by itself. One join at a time; not cancellable: a
  // cancellation that arrives meanwhile is forgotten.
  awaitable<void> join();

  [[nodiscard]] std::size_t running() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace phyllo::core
