#include "leaf_set.hpp"

#include <algorithm>

#include "ring.hpp"

namespace phyllo::overlay {

bool leaf_set::insert(const node_id& n) {
  if (!would_take(n)) return false;
  const auto closer = [this](const node_id& a, const node_id& b) { return clockwise(self_, a) < clockwise(self_, b); };
  nodes_.insert(std::lower_bound(nodes_.begin(), nodes_.end(), n, closer), n);
  // One too many: the node in the middle is on neither side any more.
  if (nodes_.size() > 2 * half_) nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(half_));
  return true;
}

bool leaf_set::erase(const node_id& n) { return std::erase(nodes_, n) > 0; }

bool leaf_set::contains(const node_id& n) const noexcept { return std::ranges::find(nodes_, n) != nodes_.end(); }

bool leaf_set::would_take(const node_id& n) const {
  if (n == self_ || contains(n)) return false;
  if (nodes_.size() < 2 * half_) return true;
  return clockwise(self_, n) < clockwise(self_, nodes_[half_ - 1]) || clockwise(n, self_) < clockwise(nodes_[half_], self_);
}

std::vector<node_id> leaf_set::left() const { return {nodes_.rbegin(), nodes_.rbegin() + static_cast<std::ptrdiff_t>(side())}; }

std::vector<node_id> leaf_set::right() const { return {nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(side())}; }

bool leaf_set::spans(const node_id& key) const {
  if (whole_ring()) return true;
  const auto& rightmost = nodes_[half_ - 1];
  const auto& leftmost = nodes_[half_];
  return clockwise(leftmost, key) <= clockwise(leftmost, rightmost);
}

}  // namespace phyllo::overlay
