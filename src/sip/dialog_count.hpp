// Calls that run through this proxy: dialogs of INVITE that it record-routed and saw answered, until their BYE. For the
// status only, so it is bounded and forgets calls whose BYE never came.
#pragma once

#include <cstdint>
#include <string_view>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::sip {

class dialog_count {
 public:
  // `key` is random and secret: strangers choose Call-IDs.
  explicit dialog_count(const core::hash_key& key, std::size_t max = 200'000, core::duration forget_after = std::chrono::hours(12))
      : key_(key), forget_after_(forget_after), since_(max, key) {}

  // The tags in either order.
  void answered(std::string_view call_id, std::string_view tag, std::string_view other_tag, core::time_point now);
  void ended(std::string_view call_id, std::string_view tag, std::string_view other_tag);
  [[nodiscard]] std::size_t size() const noexcept { return since_.size(); }

 private:
  [[nodiscard]] std::uint64_t id_of(std::string_view call_id, std::string_view tag, std::string_view other_tag) const;

  core::hash_key key_;
  core::duration forget_after_;
  core::bounded_map<std::uint64_t, core::time_point> since_;  // only ever added to, so in the order of time
};

}  // namespace phyllo::sip
