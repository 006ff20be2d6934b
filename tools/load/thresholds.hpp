// What a run must hold: "p99=50ms", "mean=2ms", "max=1s" of latencies, and a share of failures, "0.1%".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "histogram.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::load {

// "250us", "50ms", "2s", "1m". core::errc::malformed: anything else; the detail says what is expected.
[[nodiscard]] core::result<core::duration> parse_duration(std::string_view text);
// "0.1%" or "0.001" as a share. core::errc::malformed.
[[nodiscard]] core::result<double> parse_share(std::string_view text);

struct latency_limit {
  std::string name;    // as it was given: "p99"
  double percent = 0;  // of a percentile; 100: the maximum; below 0: the mean
  core::duration most{};

  [[nodiscard]] static core::result<latency_limit> parse(std::string_view text);  // core::errc::malformed
  [[nodiscard]] std::uint64_t value_us(const histogram& h) const noexcept;
  [[nodiscard]] bool holds(const histogram& h) const noexcept;
};

}  // namespace phyllo::load
