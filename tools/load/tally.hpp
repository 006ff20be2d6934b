// What became of the operations of a run, or of a second of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "histogram.hpp"

namespace phyllo::load {

struct tally {
  struct named_latency {
    std::string name;  // "set-up"
    histogram values;
  };
  struct failure_count {
    std::string reason;
    std::uint64_t count = 0;
  };
  static constexpr std::size_t reasons_max = 64;  // what a server says is a stranger's: the rest is "other"

  std::uint64_t started = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t retransmissions = 0;
  std::uint64_t unexpected = 0;  // what came and belongs to nothing: late, twice, or not ours
  std::vector<failure_count> failures;
  histogram whole;   // of those that succeeded, from the time at which they should have begun
  histogram behind;  // how late this program itself began them
  std::vector<named_latency> parts;

  explicit tally(const std::vector<std::string>& part_names = {}) {
    for (const auto& n : part_names) parts.push_back({n, {}});
  }
  void fail(std::string_view reason, std::uint64_t count = 1);
  void merge(const tally& other);
  void clear();
  [[nodiscard]] double failed_share() const noexcept;  // of those that ended
};

}  // namespace phyllo::load
