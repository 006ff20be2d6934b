#include "overload_control.hpp"

#include <algorithm>
#include <cmath>

namespace phyllo::sip {
namespace {

// Shares change by factors, so that a twentieth is held as steadily as a half: an interval's by exp(near * distance + turning * change) of
// the wait, both in times of what is aimed at (the controller of PIE, RFC 8033 s.4.2).
constexpr double aim = 0.07;  // seconds of wait
constexpr double near = 0.12;
constexpr double turning = 0.5;
constexpr double press_max = 2;
constexpr double relax_max = 1.5;
constexpr double growth_when_idle = 1.4;
constexpr double idle = 0.1;
constexpr double least_share = 0.01;
// Of what is not read.
constexpr double worth_reading = 1.4;  // requests for each that can be done
constexpr double unread_from = 1;      // the level
constexpr double newest = 0.1;         // the weight of an interval
constexpr double smoothing = 0.3;      // of what was done: a host that gives its time in slices has good intervals and bad ones
constexpr double forgotten = 0.99;     // of the capacity, an interval
constexpr unsigned rested_enough = 5;  // intervals

double in_aims(core::duration d) { return std::chrono::duration<double>(d).count() / aim; }

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
  admitted_ = 0;
  refused_ = false;
}

void overload_control::judge() {
  const auto wait = std::max(waits_.value(), delays_.value());
  const double change = std::clamp(in_aims(wait - last_wait_), -2.0, 2.0);
  const double distance = std::clamp(in_aims(wait) - 1, -1.0, 4.0);
  last_wait_ = wait;
  if (level() > 0 || wait > wait_max) {
    const double factor = std::exp(near * distance + turning * change);
    factor > 1 ? press(std::min(factor, press_max)) : relax(std::min(in_aims(wait) < idle ? growth_when_idle : 1 / factor, relax_max));
  }
  choose_unread();
}

// So many are read that nobody who could be served is missed, and few are refused.
void overload_control::choose_unread() {
  const double came = came_[0] + came_[1] + came_[2];
  done_ += smoothing * (admitted_ - done_);
  capacity_ = std::max(capacity_ * forgotten, done_);
  if (read_share_ >= 1 && level() < unread_from) {
    offered_ = came;
    return;
  }
  offered_ += newest * (came / read_share_ - offered_);
  double wanted = worth_reading * std::max(capacity_, 1.0) / std::max(offered_, 1.0);
  rested_ = level() > 0 ? 0 : rested_ + 1;
  if (rested_ >= rested_enough) wanted = std::max(wanted, growth_when_idle * read_share_);  // what was offered is so no more
  read_share_ = std::clamp(std::clamp(wanted, 0.5 * read_share_, 1.5 * read_share_), least_share, 1.0);
}

void overload_control::press(double factor) {
  constexpr auto last = static_cast<std::size_t>(rank::answer);
  const bool watched = level() > 0;  // else nobody has counted who came
  share_ /= factor;
  if (rank_ < last && (share_ < least_share || (watched && came_.at(rank_) == 0))) {
    ++rank_;
    share_ = 1 / factor;
  }
  share_ = std::max(share_, least_share);
}

// What refuses nobody is given up at once: it would keep the next one out.
void overload_control::relax(double factor) {
  share_ *= factor;
  if (refused_ && share_ < 1) return;
  share_ = rank_ == 0 || !refused_ ? 1 : least_share;
  if (rank_ > 0) --rank_;
}

bool overload_control::admits(rank r, double dice) noexcept {
  const auto at = static_cast<std::size_t>(r);
  ++came_[at];
  const bool refused = r != rank::dialog && (at < rank_ || (at == rank_ && dice >= share_));
  refused_ = refused_ || refused;
  if (!refused && r != rank::dialog) ++admitted_;
  return !refused;
}

}  // namespace phyllo::sip
