#include "pastry/ring_density.hpp"

#include <algorithm>

#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

constexpr double circle = 0x1p128;

}  // namespace

ring_density::ring_density(const leaf_set& known, const node_id& self, const node_id& key) : key_(key), whole_(known.whole_ring()) {
  distances_.push_back(distance(self, key));
  for (const auto& n : known.members()) distances_.push_back(distance(n, key));
  std::ranges::sort(distances_);
  if (whole_) return;
  const auto left = known.left();
  const auto right = known.right();
  const auto& from = left.empty() ? self : left.back();
  const auto& to = right.empty() ? self : right.back();
  span_ = size_of(clockwise(from, to));
  spacing_ = span_ / static_cast<double>(known.members().size());
  key_at_ = size_of(clockwise(from, key));
  if (key_at_ > span_ && circle - key_at_ < key_at_ - span_) key_at_ -= circle;
}

double ring_density::rank(const node_id& n) const {
  const auto away = distance(n, key_);
  const auto counted = static_cast<double>(std::ranges::lower_bound(distances_, away) - distances_.begin());
  if (whole_) return 1 + counted;
  const auto reach = size_of(away);
  const auto seen = std::max(0.0, std::min(span_, key_at_ + reach) - std::max(0.0, key_at_ - reach));
  return 1 + (seen > 0 ? counted : 0) + (2 * reach - seen) / spacing_;
}

}  // namespace phyllo::overlay
