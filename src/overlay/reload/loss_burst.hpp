// Whether members of the leaf set that were lost together may live beyond a partition: nodes die one by one, networks part at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

class loss_burst {
 public:
  static constexpr core::duration within = std::chrono::seconds(30);
  static constexpr core::duration sought_for = std::chrono::hours(1);  // as long as lost nodes are remembered

  // One of `members` is lost.
  void note(std::size_t members, core::time_point now) {
    times_.push_back(now);
    while (now - times_.front() > within) times_.pop_front();  // ends: the last one is of now
    if (times_.size() == 1) members_before_ = members;
    if (times_.size() >= 2 && 4 * times_.size() >= members_before_) parted_until_ = now + sought_for;
  }
  // Two at least, and a quarter of those that there were, went together.
  [[nodiscard]] bool parted(core::time_point now) const noexcept { return now < parted_until_; }

 private:
  std::deque<core::time_point> times_;
  std::size_t members_before_ = 0;
  core::time_point parted_until_{};
};

}  // namespace phyllo::overlay
