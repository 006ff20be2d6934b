#include "chord/chord_schedule.hpp"

#include <algorithm>

namespace phyllo::overlay {

std::uint64_t chord_random::next() noexcept {
  state_ += 0x9e3779b97f4a7c15U;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

core::duration chord_random::around(core::duration interval) noexcept {
  const auto part = static_cast<core::duration::rep>(next() % 1024);
  return interval * 3 / 4 + interval * part / 2048;
}

core::time_point chord_schedule::announcement_due() const noexcept {
  return announcement_wished_ ? announced_ + announcements_apart : core::time_point::max();
}

bool chord_schedule::take_announcement(core::time_point now) noexcept {
  if (now < announcement_due()) return false;
  announcement_wished_ = false;
  announced_ = now;
  return true;
}

core::time_point chord_schedule::next_due() const noexcept { return std::min(announcement_due(), std::ranges::min(due_)); }

}  // namespace phyllo::overlay
