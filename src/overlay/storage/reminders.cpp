#include "storage/reminders.hpp"

#include <algorithm>

namespace phyllo::overlay {

reminders::work reminders::due(const std::vector<node_id>& unsynced, core::time_point now) {
  std::erase_if(of_, [&](const auto& s) { return std::ranges::find(unsynced, s.first) == unsynced.end(); });
  work out;
  for (const auto& n : unsynced) {
    auto& s = of_[n];
    if (s.count > at_most || now < s.next) continue;
    if (s.count++ == at_most) {
      out.given_up.push_back(n);
      continue;
    }
    const auto doublings = s.count > often ? std::min(s.count - often, 6U) : 0U;
    s.next = now + std::min<core::duration>(every * (1U << doublings), pause_longest);
    out.remind.push_back(n);
  }
  return out;
}

}  // namespace phyllo::overlay
