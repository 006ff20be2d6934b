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
constexpr double relax_max = 2;
constexpr double growth_when_idle = 2;
constexpr double idle = 0.1;
constexpr double least_share = 0.01;
constexpr double first_share = 0.1;   // of a rank that was refused altogether
constexpr unsigned told_enough = 10;  // messages of an interval whose waits say all there is to know
// The share that is read is a little more than the share that is admitted, for what is dropped unread can not be admitted. It follows that
// share slowly, since the kernel can not be told of each change.
constexpr double worth_reading = 1.1;  // requests for each that can be done
constexpr double following = 0.1;      // of the way to it, each interval
constexpr double too_much = 0.67;      // where less than this part of what is read is wanted, it follows at once: a flood begins
constexpr double ahead_max = 1.2;      // the admitted share by the share that is read, at most: more could not be admitted

double in_aims(core::duration d) { return std::chrono::duration<double>(d).count() / aim; }

}  // namespace

void overload_control::waited(core::duration wait, core::time_point now) {
  begin(now);
  waits_.add(std::min(wait, stale));
}

void overload_control::late(core::duration by, core::time_point now) {
  begin(now);
  delays_.add(by);
}

void overload_control::filled(double share, core::time_point now) {
  begin(now);
  fills_.add(std::chrono::duration_cast<core::duration>(share * std::chrono::duration<double>(stale)));
}

void overload_control::begin(core::time_point now) {
  if (now < ends_) return;
  if (ends_ != core::time_point()) judge();
  ends_ = now + interval;
  waits_ = {};
  delays_ = {};
  fills_ = {};
  came_ = {};
  refused_ = false;
}

void overload_control::judge() {
  // A loop that seldom has its turn is seldom asked how late it is: that is for those whose messages have no times.
  const auto waited = waits_.count >= told_enough ? waits_.value() : std::max(waits_.value(), delays_.value());
  const auto wait = std::max(waited, fills_.value());
  const double change = std::clamp(in_aims(wait - last_wait_), -2.0, 2.0);
  const double distance = std::clamp(in_aims(wait) - 1, -1.0, 4.0);
  last_wait_ = wait;
  if (level() <= 0 && wait <= wait_max) return;
  const auto rank_before = rank_;
  const bool at_rest = in_aims(wait) < idle;
  const double factor = std::exp(near * distance + turning * change);
  factor > 1 ? press(std::min(factor, press_max)) : relax(std::min(at_rest ? growth_when_idle : 1 / factor, relax_max));
  follow(rank_ != rank_before || at_rest);
}

void overload_control::follow(bool at_once) {
  const double wanted = worth_reading * share_;
  const bool far_too_much = wanted < too_much * read_;
  read_ = at_once || far_too_much ? wanted : read_ * std::pow(wanted / read_, following);
  if (share_ < 1) share_ = std::min(share_, ahead_max * read_);
}

void overload_control::press(double factor) {
  constexpr auto last = static_cast<std::size_t>(rank::answer);
  const bool watched = level() > 0 && unread() == sip_shares();  // else nobody has counted who came
  share_ /= factor;
  if (rank_ < last && (share_ < least_share || (watched && came_.at(rank_) == 0))) {
    ++rank_;
    share_ = 1 / factor;
  }
  share_ = std::max(share_, least_share);
}

// What refuses nobody, where nothing waits, is given up at once: it would keep the next one out.
void overload_control::relax(double factor) {
  share_ *= factor;
  const bool refusing = refused_ || unread() != sip_shares();
  if (share_ < 1 && (refusing || in_aims(last_wait_) > 1)) return;
  share_ = rank_ == 0 || !refusing ? 1 : first_share;
  if (rank_ > 0) --rank_;
}

sip_shares overload_control::unread() const noexcept {
  const double share = 1 - std::min(1.0, read_);
  switch (static_cast<rank>(rank_)) {
    case rank::stranger: return {};
    case rank::newcomer: return {share, 0};
    default: return {1 - least_share, share};
  }
}

double overload_control::refused(rank r) const noexcept {
  const auto at = static_cast<std::size_t>(r);
  if (r == rank::dialog || at > rank_) return 0;
  return at < rank_ ? 1 : 1 - share_;
}

void overload_control::gave_up(rank r) noexcept {
  ++came_.at(static_cast<std::size_t>(r));
  refused_ = true;
}

bool overload_control::admits(rank r, double read, double dice) noexcept {
  const auto at = static_cast<std::size_t>(r);
  ++came_[at];
  const bool refused = r != rank::dialog && (at < rank_ || (at == rank_ && dice * read >= share_));
  refused_ = refused_ || refused;
  return !refused;
}

}  // namespace phyllo::sip
