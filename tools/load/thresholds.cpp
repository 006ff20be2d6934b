#include "thresholds.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

// A number that is not negative, and what stands behind it.
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  double n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || !(n >= 0 && n < 1e9)) return std::nullopt;
  return std::pair(n, text.substr(static_cast<std::size_t>(end - text.data())));
}

std::optional<double> seconds_of(std::string_view unit) {
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1.0;
  if (unit == "m") return 60.0;
  return std::nullopt;
}

}  // namespace

core::result<core::duration> parse_duration(std::string_view text) {
  const auto n = number_and_unit(text);
  const auto unit = n ? seconds_of(n->second) : std::nullopt;
  if (!unit) return core::fail(core::errc::malformed, fmt::format("{} is no time: write it as 250us, 50ms, 2s or 1m", text));
  return std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(n->first * *unit));
}

core::result<double> parse_share(std::string_view text) {
  const auto n = number_and_unit(text);
  const bool percent = n && n->second == "%";
  const auto share = n ? n->first / (percent ? 100 : 1) : -1;
  if (!n || (!percent && !n->second.empty()) || share > 1)
    return core::fail(core::errc::malformed, fmt::format("{} is no share: write it as 0.1% or 0.001", text));
  return share;
}

core::result<latency_limit> latency_limit::parse(std::string_view text) {
  const auto at = text.find('=');
  const auto name = text.substr(0, at);
  latency_limit out{.name = std::string(name), .percent = -1, .most = {}};
  const auto n = name.starts_with("p") ? number_and_unit(name.substr(1)) : std::nullopt;
  const bool percentile = n && n->second.empty() && n->first <= 100;
  if (at == std::string_view::npos || !(percentile || name == "mean" || name == "max"))
    return core::fail(core::errc::malformed, fmt::format("{} is no limit: write it as p99=50ms, mean=5ms or max=1s", text));
  if (percentile) out.percent = n->first;
  if (name == "max") out.percent = 100;
  const auto most = parse_duration(text.substr(at + 1));
  if (!most) return core::fail(most.error());
  out.most = *most;
  return out;
}

std::uint64_t latency_limit::value_us(const histogram& h) const noexcept {
  return percent < 0 ? static_cast<std::uint64_t>(h.mean_us()) : h.percentile_us(percent);
}

bool latency_limit::holds(const histogram& h) const noexcept { return std::chrono::microseconds(value_us(h)) <= most; }

}  // namespace phyllo::load
