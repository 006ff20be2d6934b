// One load from its first datagram to its report: the threads, the line on the terminal, the search for the highest rate.
#pragma once

#include <atomic>

#include "load_end.hpp"
#include "report.hpp"

namespace phyllo::load {

class load_run {
 public:
  load_run(const options& o, const std::atomic<bool>& stop) : options_(o), stop_(stop) {}

  // Everything that can be refused before the load begins.
  [[nodiscard]] core::status prepare();
  [[nodiscard]] outcome run_at(double rate);
  // The highest clean rate, and its outcome; tells each try on standard error.
  [[nodiscard]] outcome search();

 private:
  [[nodiscard]] run_plan plan_at(double rate, unsigned thread) const;

  const options& options_;
  const std::atomic<bool>& stop_;
  std::vector<std::unique_ptr<load_end>> ends_;
};

}  // namespace phyllo::load
