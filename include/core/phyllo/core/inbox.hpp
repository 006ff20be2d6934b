// What other shards hand to one: works in a bounded list without a lock. Its thread is woken once for all that wait.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "phyllo/core/awaitable.hpp"

namespace phyllo::core {

class inbox {
 public:
  using work = std::move_only_function<void()>;

  // Works run on `home`, in the order in which each thread has posted them; those that are there when the inbox goes do not run.
  inbox(executor home, std::size_t capacity);
  ~inbox();  // when nobody posts any more
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  // From any thread. False: it is full, and the work is gone; the caller counts that.
  bool post(work w);
  // Has always room: for what is bounded by something else, as answers are by their questions.
  void post_surely(work w);
  // How often its thread was woken.
  [[nodiscard]] std::size_t wakes() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;  // with its drain, which may be the last to run
};

}  // namespace phyllo::core
