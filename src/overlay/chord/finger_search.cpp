#include "chord/finger_search.hpp"

namespace phyllo::overlay {

void finger_search::flag(const finger_table& fingers, const node_id& n) {
  const auto i = fingers.index_of(n);
  if (i <= finger_table::fingers_max && !fingers.at(i)) flagged_[i] = n;
}

void finger_search::forget(const node_id& n) {
  std::erase_if(flagged_, [&](const auto& f) { return f.second == n; });
}

std::optional<unsigned> finger_search::choose(const std::vector<unsigned>& missing, chord_random& random) {
  for (const auto i : missing) {
    if (random.coin()) return i;
  }
  return std::nullopt;
}

std::optional<node_id> finger_search::take(unsigned i) {
  const auto at = flagged_.extract(i);
  if (at.empty()) return std::nullopt;
  return at.mapped();
}

}  // namespace phyllo::overlay
