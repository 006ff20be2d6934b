#include "histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace phyllo::load {

std::size_t histogram::bucket_of(std::uint64_t us) noexcept {
  us = std::min(us, highest);
  if (us < exact) return us;
  const auto shift = static_cast<unsigned>(std::bit_width(us)) - exact_bits;
  return exact + (shift - 1) * half + ((us >> shift) - half);
}

std::uint64_t histogram::highest_of(std::size_t bucket) noexcept {
  if (bucket < exact) return bucket;
  const auto shift = (bucket - exact) / half + 1;
  const auto within = (bucket - exact) % half + half;
  return ((within + 1) << shift) - 1;
}

void histogram::record(core::duration d) noexcept {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  const auto value = us > 0 ? static_cast<std::uint64_t>(us) : 0;
  ++counts_[bucket_of(value)];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void histogram::merge(const histogram& other) noexcept {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double histogram::mean_us() const noexcept { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

std::uint64_t histogram::percentile_us(double percent) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (counts_[i] > 0 && seen >= wanted) return std::min(highest_of(i), max_);
  }
  return max_;
}

void histogram::print_percentiles(std::ostream& out) const {
  out << fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const auto share = static_cast<double>(seen) / static_cast<double>(count_);
    const auto value = static_cast<double>(std::min(highest_of(i), max_)) / 1000;
    out << fmt::format("{:12.3f} {:14.12f} {:10}", value, share, seen);
    out << (seen < count_ ? fmt::format(" {:14.2f}\n", 1 / (1 - share)) : std::string("\n"));
  }
  out << fmt::format("#[Mean    = {:12.3f}, Max     = {:12.3f}]\n", mean_us() / 1000, static_cast<double>(max_) / 1000);
  out << fmt::format("#[Total count    = {}]\n", count_);
}

}  // namespace phyllo::load
