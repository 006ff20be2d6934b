// Latencies as HdrHistogram keeps them: buckets whose width grows with the value, so that every percentile is told to a
// thousandth of itself, in constant memory, however many values there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>

#include "phyllo/core/time.hpp"

namespace phyllo::load {

class histogram {
 public:
  // Below 2048 us each microsecond has a bucket of its own; above, each power of two has 1024 of them.
  static constexpr unsigned exact_bits = 11;
  static constexpr std::uint64_t highest = (std::uint64_t{1} << 36) - 1;  // us: 19 hours

  void record(core::duration d) noexcept;
  void merge(const histogram& other) noexcept;
  void clear() noexcept { *this = {}; }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double mean_us() const noexcept;
  [[nodiscard]] std::uint64_t max_us() const noexcept { return max_; }
  // The least value that at least `percent` of all values do not exceed, as the highest of its bucket; 0 without values.
  [[nodiscard]] std::uint64_t percentile_us(double percent) const noexcept;
  // Value (ms), percentile, count up to it, 1/(1-percentile): the form that HdrHistogram's plotters read.
  void print_percentiles(std::ostream& out) const;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t us) noexcept;
  [[nodiscard]] static std::uint64_t highest_of(std::size_t bucket) noexcept;

 private:
  static constexpr std::size_t exact = std::size_t{1} << exact_bits;
  static constexpr std::size_t half = exact / 2;
  static constexpr std::size_t buckets = exact + (36 - exact_bits) * half;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace phyllo::load
