#include "overload_control.hpp"

#include <algorithm>

namespace phyllo::sip {
namespace {

// Shares change by factors, so that a twentieth is held as steadily as a half.
constexpr double least_share = 0.01;
constexpr double pressure = 0.2;  // an interval, for each time that the wait is too long by itself
constexpr double excess_max = 5;
constexpr double gentle = 0.8;            // while it is hardly so
constexpr double growth = 1.1;            // while the wait is short
constexpr double growth_when_idle = 1.4;  // and where there is none
constexpr double idle = 0.1;

}  // namespace

void overload_control::waited(core::duration wait, core::time_point now) {
  begin(now);
  waits_.add(wait);
}

void overload_control::late(core::duration by, core::time_point now) {
  begin(now);
  delays_.add(by);
}

void overload_control::begin(core::time_point now) {
  if (now < ends_) return;
  if (ends_ != core::time_point()) judge();
  ends_ = now + interval;
  waits_ = {};
  delays_ = {};
  came_ = {};
  refused_ = false;
}

void overload_control::judge() {
  const auto wait = std::max(waits_.value(), delays_.value());
  const double excess = std::chrono::duration<double>(wait) / std::chrono::duration<double>(wait_max);
  if (excess > 1) press(excess);
  if (excess < 0.5 && level() > 0) relax(excess);
}

void overload_control::press(double excess) {
  constexpr auto last = static_cast<std::size_t>(rank::answer);
  const bool watched = level() > 0;  // else nobody has counted who came
  const double factor = 1 + pressure * (std::min(excess, excess_max) - gentle);
  share_ /= factor;
  if (rank_ < last && (share_ < least_share || (watched && came_.at(rank_) == 0))) {
    ++rank_;
    share_ = 1 / factor;
  }
  share_ = std::max(share_, least_share);
}

// What refuses nobody is given up at once: it would keep the next one out.
void overload_control::relax(double excess) {
  share_ *= excess < idle ? growth_when_idle : growth;
  if (refused_ && share_ < 1) return;
  share_ = rank_ == 0 || !refused_ ? 1 : least_share;
  if (rank_ > 0) --rank_;
}

bool overload_control::admits(rank r, double dice) noexcept {
  const auto at = static_cast<std::size_t>(r);
  ++came_[at];
  const bool refused = r != rank::dialog && (at < rank_ || (at == rank_ && dice >= share_));
  refused_ = refused_ || refused;
  return !refused;
}

}  // namespace phyllo::sip
