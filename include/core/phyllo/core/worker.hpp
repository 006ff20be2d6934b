// A thread for what blocks or computes for long (scrypt, getaddrinfo), so that event loops do not.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::core {

class worker {
 public:
  // The thread is named `name` (15 characters at most). At most `queue_max` works wait.
  explicit worker(std::string name, std::size_t queue_max = 64);
  ~worker();  // finishes the work that runs, drops what waits; the waiters of both must have ended
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  // Runs `work` on the thread and resumes on env's executor. errc::full. Cancelling the coroutine abandons the wait,
  // not the work: `work` owns whatever it touches. It must not throw.
  awaitable<status> run(environment& env, std::function<void()> work);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::core
