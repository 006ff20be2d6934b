// The process's signals, awaited instead of handled.
#pragma once

#include <initializer_list>
#include <memory>

#include "phyllo/core/environment.hpp"

namespace phyllo::core {

// From construction on the signals named no longer do what they do by default. `env` must outlive it.
class signal_watch {
 public:
  signal_watch(environment& env, std::initializer_list<int> signals);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  // The number of the next signal that comes, or of one that came since the last wait. Throws on cancellation.
  awaitable<int> wait();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::core
