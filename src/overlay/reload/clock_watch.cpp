#include "reload/clock_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace phyllo::overlay {
namespace {

constexpr std::size_t tellers_max = 256;
constexpr std::size_t enough = 3;  // of fewer nobody knows which is wrong

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

bool clock_watch::by_server(core::time_point now) const {
  return !server_.by.empty() && now - server_.at < server_remembered && of_others(now).by < enough;
}

clock_watch::standing clock_watch::of_those_who_know(core::time_point now) const {
  auto s = of_others(now);
  if (by_server(now)) s.ahead = server_.shows - own_;
  return s;
}

std::optional<core::duration> clock_watch::off(const node_id& n, core::time_point now) const {
  const auto* r = told_.find(n);
  if (r == nullptr || now - r->at >= remembered) return std::nullopt;
  // Of two clocks nobody knows which is wrong.
  const auto right = of_those_who_know(now);
  const bool known = right.by >= enough || by_server(now);
  const auto by = r->shows - own_ - (known ? right.ahead : core::duration::zero());
  if (std::chrono::abs(by) <= tolerance) return std::nullopt;
  return by;
}

bool clock_watch::wrong(core::time_point now) const { return std::chrono::abs(of_those_who_know(now).ahead) > tolerance; }

core::duration clock_watch::correction(core::time_point now) const {
  const bool by_most = most_by_ >= enough && now - most_.at < remembered;
  if (!by_most && !by_server(now)) return core::duration::zero();
  const auto ahead = (by_most ? most_.shows : server_.shows) - own_;
  return std::chrono::abs(ahead) > tolerance ? ahead : core::duration::zero();
}

bool clock_watch::agreed(core::time_point now) const {
  if (by_server(now) || correction(now) != core::duration::zero()) return true;
  return of_others(now).by > 0 && !wrong(now);
}

std::optional<core::duration> clock_watch::server_off(core::time_point now) const {
  const auto others = of_others(now);
  if (server_.by.empty() || now - server_.at >= server_remembered || others.by < enough) return std::nullopt;
  const auto by = server_.shows - own_ - others.ahead;
  if (std::chrono::abs(by) <= tolerance) return std::nullopt;
  return by;
}

bool clock_watch::blind(std::size_t linked, core::time_point now) {
  unjudged_.erase_if([&](const auto& u) { return now - u.second >= unjudged_for; });
  return wrong(now) && 2 * unjudged_.size() > linked;
}

std::string clock_watch::text(core::time_point now) const {
  if (!wrong(now)) return {};
  const auto others = of_those_who_know(now);
  if (by_server(now)) return core::text_of_difference(others.ahead, "that of the server " + server_.by);
  return core::text_of_difference(
      others.ahead, others.by == 1 ? "that of the node that it is linked to" : fmt::format("those of its {} neighbours", others.by));
}

}  // namespace phyllo::overlay
