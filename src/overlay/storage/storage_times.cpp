#include "storage/storage_times.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {
namespace {

// "stored 1767225600123", the text of our Error_Data_Too_Old; "ahead of 1767225600123", of an Error_Forbidden.
std::optional<std::uint64_t> time_in(std::string_view info, std::string_view prefix) {
  if (!info.starts_with(prefix)) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(info.data() + prefix.size(), info.data() + info.size(), value);
  if (ec != std::errc() || end != info.data() + info.size()) return std::nullopt;
  return value;
}

}  // namespace

std::uint64_t storage_times::next(bounds& b) {
  // What one record was stored with, by whatever clock, is nothing to the others.
  const auto now = core::unix_milliseconds(ring_.wall_now());
  last_ = std::max(now, last_ + 1);
  if (ring_.clock_agreed()) last_ = std::min(last_, now + ahead_max_ms);  // it may have been ahead before
  const auto by_clock = std::min(last_, b.root_clock);
  b.followed |= b.stored >= by_clock;
  return std::max(by_clock, b.stored + 1);
}

bool storage_times::another_may_do(const error_response& e, bounds& b) const {
  if (e.code == error_code::data_too_old) {
    b.stands(time_in(e.info, "stored ").value_or(last_));
    return true;
  }
  const auto clock = e.code == error_code::forbidden ? time_in(e.info, "ahead of ") : std::nullopt;
  if (!clock) return false;
  b.root_clock = *clock;
  b.lets_go = b.followed;
  b.stands(b.stored);
  return true;
}

}  // namespace phyllo::overlay
