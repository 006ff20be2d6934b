// Alarms of very many operations: buckets of a few milliseconds each, that a hand passes. Setting one costs the same however
// many there are, and one that is not wanted any more is not taken out: its operation sees that it was meant for a time before.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "operation_slab.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::load {

class timer_wheel {
 public:
  struct alarm {
    operation_key key;
    core::time_point at;
  };
  explicit timer_wheel(core::time_point now) : passed_(tick_of(now)) {}

  void set(operation_key key, core::time_point at) {
    const auto when = std::max(tick_of(at) + 1, passed_ + 1);
    buckets_[static_cast<std::size_t>(when) % buckets_.size()].push_back({key, at});
    ++set_;
  }

  // Calls `ring(key, at)` for all that are due. It may set others meanwhile.
  template <class F>
  void pass(core::time_point now, F&& ring) {
    for (const auto until = tick_of(now); passed_ < until;) {
      if (set_ == 0) passed_ = until - 1;  // nothing is in any bucket
      ++passed_;
      due_.swap(buckets_[static_cast<std::size_t>(passed_) % buckets_.size()]);
      for (const auto& a : due_) {
        --set_;
        if (a.at <= now) {
          ring(a.key, a.at);
        } else {
          set(a.key, a.at);  // a round later
        }
      }
      due_.clear();
    }
  }

  // When to look again.
  [[nodiscard]] core::time_point next() const noexcept {
    return set_ == 0 ? core::time_point::max() : core::time_point(tick * (passed_ + 1));
  }

 private:
  static constexpr core::duration tick = std::chrono::milliseconds(4);
  [[nodiscard]] static std::int64_t tick_of(core::time_point t) noexcept { return t.time_since_epoch() / tick; }

  std::array<std::vector<alarm>, 2048> buckets_;
  std::vector<alarm> due_;
  std::int64_t passed_;
  std::size_t set_ = 0;
};

}  // namespace phyllo::load
