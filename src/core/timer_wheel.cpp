#include "phyllo/core/timer_wheel.hpp"

#include <algorithm>
#include <bit>

// A timer stands at the level of the highest digit (to the base 64) in which its tick differs from the present one, in the slot of that
// digit. So each slot that is occupied is ahead of the present digit of its level, and all of a level is due before all of the next one.

namespace phyllo::core {

timer_wheel::~timer_wheel() {
  while (auto* e = any()) cancel(*e);  // ends: one less each time
}

void timer_wheel::set(entry& e, time_point when) noexcept {
  cancel(e);
  e.wheel_ = this;
  if (when == time_point::max()) return append(e, never_);
  e.at_ = ticks_until(when);
  place(e);
}

void timer_wheel::set_due(entry& e) noexcept {
  cancel(e);
  e.wheel_ = this;
  append(e, due_);
}

void timer_wheel::cancel(entry& e) noexcept {
  if (e.wheel_ == nullptr) return;
  unlink(e);
  e.wheel_ = nullptr;
  if (e.place_ == none) return;
  const auto& slot = slots_[e.place_];
  if (slot.next == &slot) occupied_[e.place_ / slots] &= ~(std::uint64_t{1} << e.place_ % slots);
  e.place_ = none;
}

void timer_wheel::advance(time_point now) noexcept {
  const auto passed = now <= start_ ? 0 : static_cast<std::uint64_t>((now - start_) / tick);
  for (auto slot = first_slot(); slot != none; slot = first_slot()) {  // ends: each time one slot less that is not ahead
    const auto start = start_of(slot);
    if (start > passed) break;
    now_ = start;
    link nearer;
    move_all(slots_[slot], nearer);
    occupied_[slot / slots] &= ~(std::uint64_t{1} << slot % slots);
    while (auto* e = first_of(nearer)) {  // ends: each goes to another place
      unlink(*e);
      e->place_ = none;
      place(*e);
    }
  }
  now_ = std::max(now_, passed);
  move_all(due_, taken_);
}

timer_wheel::entry* timer_wheel::take() noexcept {
  auto* e = first_of(taken_);
  if (e != nullptr) cancel(*e);
  return e;
}

time_point timer_wheel::next() const noexcept {
  if (first_of(due_) != nullptr || first_of(taken_) != nullptr) return time_point::min();
  const auto slot = first_slot();
  return slot == none ? time_point::max() : start_ + static_cast<duration::rep>(start_of(slot)) * tick;
}

timer_wheel::entry* timer_wheel::any() const noexcept {
  for (const auto* ring : {&taken_, &due_, &never_})
    if (auto* e = first_of(*ring)) return e;
  const auto slot = first_slot();
  return slot == none ? nullptr : first_of(slots_[slot]);
}

// Rounded up: never too early.
std::uint64_t timer_wheel::ticks_until(time_point when) const noexcept {
  if (when <= start_) return 0;
  const auto span = when - start_;
  return static_cast<std::uint64_t>(span / tick) + (span % tick > duration::zero() ? 1 : 0);
}

std::size_t timer_wheel::first_slot() const noexcept {
  for (std::size_t level = 0; level < levels; ++level)
    if (occupied_[level] != 0) return level * slots + static_cast<std::size_t>(std::countr_zero(occupied_[level]));
  return none;
}

// The first tick of a slot that is ahead.
std::uint64_t timer_wheel::start_of(std::size_t slot) const noexcept {
  const auto shift = bits * (slot / slots);
  return (now_ >> shift >> bits << bits | slot % slots) << shift;
}

void timer_wheel::place(entry& e) noexcept {
  if (e.at_ <= now_) return append(e, due_);
  const auto level = static_cast<std::size_t>(std::bit_width(e.at_ ^ now_) - 1) / bits;
  const auto digit = static_cast<std::size_t>(e.at_ >> bits * level) % slots;
  e.place_ = level * slots + digit;
  occupied_[level] |= std::uint64_t{1} << digit;
  append(e, slots_[e.place_]);
}

void timer_wheel::append(entry& e, link& ring) noexcept {
  e.next = &ring;
  e.before = ring.before;
  ring.before->next = &e;
  ring.before = &e;
}

void timer_wheel::unlink(entry& e) noexcept {
  e.before->next = e.next;
  e.next->before = e.before;
  e.next = e.before = &e;
}

timer_wheel::entry* timer_wheel::first_of(const link& ring) noexcept {
  return ring.next == &ring ? nullptr : static_cast<entry*>(ring.next);
}

void timer_wheel::move_all(link& from, link& to) noexcept {
  if (from.next == &from) return;
  from.next->before = to.before;
  to.before->next = from.next;
  from.before->next = &to;
  to.before = from.before;
  from.next = from.before = &from;
}

}  // namespace phyllo::core
