// Counts by keys that several shards keep together, without a lock: a count-min sketch (Cormode, Muthukrishnan 2005) of two rows. What it
// says is never too little; and too much only where two other keys meet one in both rows.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace phyllo::sip {

class shared_counts {
 public:
  shared_counts() : rows_{row(width), row(width)} {}

  // From any thread; keys are keyed hashes. Two who ask at once may both find the last place free.
  [[nodiscard]] std::uint32_t count(std::uint64_t key) const noexcept {
    return std::min(first(key).load(std::memory_order_relaxed), second(key).load(std::memory_order_relaxed));
  }
  void add(std::uint64_t key) noexcept {
    first(key).fetch_add(1, std::memory_order_relaxed);
    second(key).fetch_add(1, std::memory_order_relaxed);
  }
  void remove(std::uint64_t key) noexcept {
    first(key).fetch_sub(1, std::memory_order_relaxed);
    second(key).fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  using row = std::vector<std::atomic<std::uint32_t>>;
  static constexpr std::size_t width = std::size_t{1} << 17U;  // 1 MiB for both; calls that wait are some thousands

  [[nodiscard]] std::atomic<std::uint32_t>& first(std::uint64_t key) noexcept { return rows_[0][key % width]; }
  [[nodiscard]] std::atomic<std::uint32_t>& second(std::uint64_t key) noexcept { return rows_[1][(key >> 32U) % width]; }
  [[nodiscard]] const std::atomic<std::uint32_t>& first(std::uint64_t key) const noexcept { return rows_[0][key % width]; }
  [[nodiscard]] const std::atomic<std::uint32_t>& second(std::uint64_t key) const noexcept { return rows_[1][(key >> 32U) % width]; }

  std::array<row, 2> rows_;
};

}  // namespace phyllo::sip
