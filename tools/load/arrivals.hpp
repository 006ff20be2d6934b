// When operations begin: an open loop, which does not wait for what it has begun before. A latency is counted from the
// time that is said here, whenever the request was sent, so that a server that stalls does not hide what it kept waiting.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "phyllo/core/time.hpp"

namespace phyllo::load {

enum class spacing : std::uint8_t {
  even,     // each as long after the one before
  poisson,  // as of many people who know nothing of each other
};

class arrivals {
 public:
  struct plan {
    double rate = 1;                                 // a second
    core::time_point begin;                          // of the first
    core::time_point end = core::time_point::max();  // none at this time or later
    std::uint64_t most = ~std::uint64_t{0};          // so many in all
    spacing spaced = spacing::even;
    std::uint64_t seed = 1;
  };
  explicit arrivals(const plan& p);

  // The next one's time; nothing: all have been taken.
  [[nodiscard]] std::optional<core::time_point> next() const noexcept;
  void take();

 private:
  plan plan_;
  std::mt19937_64 dice_;
  std::uint64_t taken_ = 0;
  double offset_s_ = 0;  // of the next one, from the begin
};

}  // namespace phyllo::load
