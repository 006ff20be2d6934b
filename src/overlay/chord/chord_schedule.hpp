// When a Chord node does what it does by the clock (RFC 6940 s.10.7.4): each thing at its interval, randomly offset.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "phyllo/core/time.hpp"
#include "reload/ring_arc.hpp"

namespace phyllo::overlay {

// Numbers at random (splitmix64): places on the ring and offsets of time, no secrets.
class chord_random {
 public:
  explicit chord_random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept;
  bool coin() noexcept { return (next() >> 63) != 0; }
  uint128 wide() noexcept { return uint128(next()) << 64 | next(); }
  // "A peer SHOULD randomly offset these Update requests so they do not occur all at once" (s.10.7.4.1): three to five quarters of it.
  core::duration around(core::duration interval) noexcept;

 private:
  std::uint64_t state_;
};

class chord_schedule {
 public:
  enum class job : std::uint8_t {
    finger,  // one of the fingers that are missing is sought
    seek,    // another part of the overlay is
    idle,    // links that nobody needs are closed
  };

  // Its first time is an interval from now.
  void plan(job j, core::time_point now, core::duration interval) noexcept { due_[index(j)] = now + interval; }
  // True once it is time.
  [[nodiscard]] bool due(job j, core::time_point now) const noexcept { return due_[index(j)] <= now; }
  [[nodiscard]] core::time_point next_due() const noexcept;  // max: nothing is planned

  // An Update to all links: at once, unless the last one was less than `announcements_apart` ago.
  static constexpr core::duration announcements_apart = std::chrono::milliseconds(500);
  void wish_announcement() noexcept { announcement_wished_ = true; }
  // True: it is to be made now.
  bool take_announcement(core::time_point now) noexcept;

 private:
  static constexpr std::size_t index(job j) noexcept { return static_cast<std::size_t>(j); }
  [[nodiscard]] core::time_point announcement_due() const noexcept;

  static constexpr auto never = core::time_point::max();
  std::array<core::time_point, 3> due_{never, never, never};
  bool announcement_wished_ = false;
  core::time_point announced_{};
};

}  // namespace phyllo::overlay
