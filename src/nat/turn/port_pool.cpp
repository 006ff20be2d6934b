#include "turn/port_pool.hpp"

#include <algorithm>

namespace phyllo::nat {

bool port_pool::suits(std::size_t at, wanted w) const {
  if (taken_[at]) return false;
  if (w == wanted::any) return true;
  if ((first_ + at) % 2 != 0) return false;
  return w == wanted::even || (at + 1 < taken_.size() && !taken_[at + 1]);
}

std::optional<std::uint16_t> port_pool::take(wanted w) {
  const auto start = static_cast<std::size_t>(numbers_.next() % taken_.size());
  const auto looks = std::min(looks_max, taken_.size());
  for (std::size_t i = 0; i < looks; ++i) {
    const auto at = (start + i) % taken_.size();
    if (!suits(at, w)) continue;
    taken_[at] = true;
    if (w == wanted::even_and_next) taken_[at + 1] = true;
    return static_cast<std::uint16_t>(first_ + at);
  }
  return std::nullopt;
}

}  // namespace phyllo::nat
