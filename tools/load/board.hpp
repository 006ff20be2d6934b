// Where the threads of a run put what they have counted, a second at a time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "tally.hpp"

namespace phyllo::load {

struct second_row {
  unsigned second = 0;
  std::uint64_t started = 0, succeeded = 0, failed = 0;
  std::uint64_t p50_us = 0, p99_us = 0;
};

class board {
 public:
  explicit board(unsigned threads) : threads_(threads) {}

  // Of one thread; each tells every second once, in order.
  void tell(unsigned second, const tally& t);
  // The threads have ended: what not all have told counts too.
  void close();
  // All that was told, after close().
  [[nodiscard]] const tally& total() const noexcept { return total_; }
  [[nodiscard]] std::vector<second_row> rows() const;

 private:
  struct pending {
    tally counted;
    unsigned told = 0;
  };
  void keep(unsigned second, const tally& t);

  unsigned threads_;
  mutable std::mutex mutex_;
  std::map<unsigned, pending> pending_;
  std::vector<second_row> rows_;
  tally total_;
};

}  // namespace phyllo::load
