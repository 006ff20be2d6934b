// How much is refused when more arrives than can be done (RFC 6357, RFC 7339): what is refused early, for little, leaves the time for what
// has begun. It is judged by how long messages have waited when they are read: a queue that stands is work that can not be done in time.
// A pure machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::sip {

class overload_control {
 public:
  // What is refused first stands first.
  enum class rank : std::uint8_t {
    stranger,  // a request of a source that has proved nothing
    newcomer,  // one that begins something, of a source that has
    answer,    // one that answers a challenge of ours: half of its work is done
    dialog,    // all that belongs to what was begun: never refused
  };
  // On the average of an interval. Shorter waits are the bursts of any network, and of a host that gives its time in slices.
  static constexpr core::duration wait_max = std::chrono::milliseconds(100);
  static constexpr core::duration interval = std::chrono::milliseconds(100);
  // Whoever sent it has sent it again by then (2 T1), and waits no longer for this one.
  static constexpr core::duration age_max = std::chrono::seconds(1);

  // A message had waited so long when it was read.
  void waited(core::duration wait, core::time_point now);
  // Whoever wanted to run now was so late: what says it where messages have no times. To be told several times an interval.
  void late(core::duration by, core::time_point now);
  // `dice`: at random from 0 to 1. False: refuse it.
  [[nodiscard]] bool admits(rank r, double dice) noexcept;
  // Each whole one is a rank that is refused altogether, the rest the share of the next one. 0: all is done.
  [[nodiscard]] double level() const noexcept { return static_cast<double>(rank_) + 1 - share_; }
  // The share of what begins something that should be dropped before it is even read. More than 0 where all strangers are refused and it is
  // still too much: then it is the reading and refusing that takes the time.
  [[nodiscard]] double unread() const noexcept { return 1 - read_share_; }

 private:
  struct average {
    core::duration sum{};
    unsigned count = 0;
    void add(core::duration d) noexcept {
      sum += d;
      ++count;
    }
    [[nodiscard]] core::duration value() const noexcept { return count == 0 ? core::duration::zero() : sum / count; }
  };

  void begin(core::time_point now);
  void judge();
  void press(double factor);
  void relax(double factor);
  void choose_unread();

  // Of this rank a share is admitted, of those before it nothing, of those behind it all.
  std::size_t rank_ = 0;
  double share_ = 1;
  average waits_;
  average delays_;
  core::duration last_wait_{};
  core::time_point ends_{};
  std::array<unsigned, 4> came_{};  // of each rank in this interval
  unsigned admitted_ = 0;           // of them, but for dialogs
  bool refused_ = false;            // any of them
  unsigned rested_ = 0;             // intervals in a row without refusing
  double read_share_ = 1;
  double offered_ = 0;   // requests an interval, those that are not read included, on the average of the last second
  double done_ = 0;      // that were admitted, smoothed
  double capacity_ = 0;  // the most of that of late
};

}  // namespace phyllo::sip
