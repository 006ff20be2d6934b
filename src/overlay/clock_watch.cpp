#include "clock_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace phyllo::overlay {
namespace {

constexpr std::size_t tellers_max = 256;

}  // namespace

clock_watch::clock_watch(const core::hash_key& key) : told_(tellers_max, key), unjudged_(tellers_max, key) {}

void clock_watch::told(const node_id& n, core::duration ahead, core::time_point now) {
  told_.try_emplace(n).first = {own_ + ahead, now};
  const auto others = of_others(now);
  most_ = {own_ + others.ahead, now};
  most_by_ = others.by;
}

clock_watch::standing clock_watch::of_others(core::time_point now) const {
  std::vector<core::duration> all;
  for (const auto& [n, r] : told_) {
    if (now - r.at < remembered) all.push_back(r.shows - own_);
  }
  if (all.empty()) return {};
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return {*middle, all.size()};
}

std::optional<core::duration> clock_watch::off(const node_id& n, core::time_point now) const {
  const auto* r = told_.find(n);
  if (r == nullptr || now - r->at >= remembered) return std::nullopt;
  // Of two clocks nobody knows which is wrong.
  const auto others = of_others(now);
  const auto by = r->shows - own_ - (others.by > 2 ? others.ahead : core::duration::zero());
  if (std::chrono::abs(by) <= tolerance) return std::nullopt;
  return by;
}

bool clock_watch::wrong(core::time_point now) const { return std::chrono::abs(of_others(now).ahead) > tolerance; }

core::duration clock_watch::correction(core::time_point now) const {
  const auto ahead = most_.shows - own_;
  const bool known = most_by_ > 2 && now - most_.at < remembered;
  return known && std::chrono::abs(ahead) > tolerance ? ahead : core::duration::zero();
}

bool clock_watch::blind(std::size_t linked, core::time_point now) {
  unjudged_.erase_if([&](const auto& u) { return now - u.second >= unjudged_for; });
  return wrong(now) && 2 * unjudged_.size() > linked;
}

std::string clock_watch::text(core::time_point now) const {
  if (!wrong(now)) return {};
  const auto others = of_others(now);
  const auto* how = others.ahead > core::duration::zero() ? "behind" : "ahead of";
  return fmt::format("the clock of this node is {} {} {}", text_of_span(others.ahead), how,
                     others.by == 1 ? "that of the node that it is linked to" : fmt::format("those of its {} neighbours", others.by));
}

std::string text_of_span(core::duration d) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(d)).count();
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min {} s", s / 60, s % 60);
  const auto minutes = (s + 30) / 60;
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace phyllo::overlay
