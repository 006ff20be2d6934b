// Calls that run through this proxy: dialogs of INVITE that it record-routed and saw answered, until their BYE. For the
// status only, so it is bounded and forgets calls whose BYE never came.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "phyllo/core/time.hpp"

namespace phyllo::sip {

class dialog_count {
 public:
  explicit dialog_count(std::size_t max = 200'000, core::duration forget_after = std::chrono::hours(12))
      : max_(max), forget_after_(forget_after) {}

  // The tags in either order.
  void answered(std::string_view call_id, std::string_view tag, std::string_view other_tag, core::time_point now);
  void ended(std::string_view call_id, std::string_view tag, std::string_view other_tag);
  [[nodiscard]] std::size_t size() const noexcept { return since_.size(); }

 private:
  using key = std::uint64_t;
  [[nodiscard]] static key key_of(std::string_view call_id, std::string_view tag, std::string_view other_tag);

  std::size_t max_;
  core::duration forget_after_;
  std::unordered_map<key, core::time_point> since_;
  std::deque<std::pair<core::time_point, key>> order_;  // oldest first; may name dialogs that have ended
};

}  // namespace phyllo::sip
