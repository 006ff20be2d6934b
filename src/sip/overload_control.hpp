// How much is refused when more arrives than can be done (RFC 6357, RFC 7339): what is refused early, for little, leaves the time for what
// has begun. It is judged by how long messages have waited when they are read: a queue that stands is work that can not be done in time.
// A pure machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "phyllo/core/time.hpp"
#include "shedding.hpp"

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
  static constexpr core::duration given_up = std::chrono::seconds(1);
  // Under overload what begins something is answered soon, or will be sent again: a long queue would only make all of it late.
  static constexpr core::duration stale = std::chrono::milliseconds(150);

  // A message had waited so long when it was read; more than `stale` counts as that, for what is older is cleared away for nothing.
  void waited(core::duration wait, core::time_point now);
  // Whoever wanted to run now was so late: what says it where messages have no times. To be told several times an interval.
  void late(core::duration by, core::time_point now);
  // So full, 0 to 1, is what messages wait in: where it is small it overflows before they have waited for long.
  void filled(double share, core::time_point now);
  // What has waited longer is dropped without a word.
  [[nodiscard]] core::duration age_max(rank r) const noexcept { return level() > 0 && r < rank::answer ? stale : given_up; }
  void gave_up(rank r) noexcept;  // one was
  // `read`: the share of its like that is read at all, the others being dropped before (unread()). `dice`: at random from 0 to 1. False:
  // refuse it.
  [[nodiscard]] bool admits(rank r, double read, double dice) noexcept;
  // Each whole one is a rank that is refused altogether, the rest the share of the next one. 0: all is done.
  [[nodiscard]] double level() const noexcept { return static_cast<double>(rank_) + 1 - share_; }
  // The share of a rank that is refused.
  [[nodiscard]] double refused(rank r) const noexcept;
  // What should be dropped before it is even read, so that few of those that are read are refused: where all strangers are refused and it
  // is still too much, it is the reading and refusing that takes the time.
  [[nodiscard]] sip_shares unread() const noexcept;

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
  void follow(bool at_once);  // has read_ follow share_

  // Of this rank a share is admitted, of those before it nothing, of those behind it all.
  std::size_t rank_ = 0;
  double share_ = 1;
  double read_ = 1;  // the share that is read of the rank of which a share is admitted
  average waits_;
  average delays_;
  average fills_;  // as waits: a full one is `stale`
  core::duration last_wait_{};
  core::time_point ends_{};
  std::array<unsigned, 4> came_{};  // of each rank in this interval
  bool refused_ = false;            // any of them
};

}  // namespace phyllo::sip
