#include "pastry/leaf_set.hpp"

#include <algorithm>
#include <cassert>

#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t next_beyond_max = 2;

}  // namespace

bool leaf_set::insert(const node_id& n) {
  if (!would_take(n)) return false;
  const auto closer = [this](const node_id& a, const node_id& b) { return clockwise(self_, a) < clockwise(self_, b); };
  nodes_.insert(std::lower_bound(nodes_.begin(), nodes_.end(), n, closer), n);
  if (holed_ && on_the_right(n)) ++right_;
  // One too many: the node in the middle is on neither side any more.
  if (nodes_.size() > 2 * half_ || (holed_ && right_ > half_)) {
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(half_));
  } else if (holed_ && lefts() > half_) {
    nodes_.erase(nodes_.end() - static_cast<std::ptrdiff_t>(half_) - 1);
  }
  note_shape();
  assert(nodes_.size() <= 2 * half_ && (!holed_ || right_ <= nodes_.size()));
  return true;
}

bool leaf_set::erase(const node_id& n) {
  if (std::erase(nodes_, n) == 0) return false;
  note_shape();
  return true;
}

void leaf_set::note_neighbours(const node_id& of, const std::vector<node_id>& left, const std::vector<node_id>& right) {
  const auto edges = edges_to_fill();
  if (std::ranges::find(edges, of) == edges.end()) return;
  const auto& beyond = of == leftmost() ? left : right;
  if (beyond.empty() || std::ranges::find(next_beyond_, beyond.front()) != next_beyond_.end()) return;
  if (next_beyond_.size() >= next_beyond_max) next_beyond_.erase(next_beyond_.begin());
  next_beyond_.push_back(beyond.front());
}

bool leaf_set::on_the_right(const node_id& n) const noexcept { return (clockwise(self_, n).octets.front() & 0x80) == 0; }

// A ring that shrinks to fewer nodes than a full set has lies all around; what is left of a full one in a large ring lies within a small
// arc. Of three quarters of |L| >= 16 nodes at random, one half of the ring holds all with a chance below 0.004.
void leaf_set::note_shape() {
  ++changes_;
  const auto full = 2 * half_;
  if (nodes_.size() >= full) was_full_ = true;
  if (nodes_.size() < full - full / 4 || half_ < 8) was_full_ = false;
  holed_ = false;
  if (!was_full_ || nodes_.size() >= full) return next_beyond_.clear();
  const auto first_left = std::ranges::find_if_not(nodes_, [this](const node_id& n) { return on_the_right(n); });
  right_ = static_cast<std::size_t>(first_left - nodes_.begin());
  const auto& before = right_ == 0 ? self_ : nodes_[right_ - 1];
  const auto& after = first_left == nodes_.end() ? self_ : *first_left;
  holed_ = (clockwise(before, after).octets.front() & 0x80) != 0;
  if (!holed_) next_beyond_.clear();
}

bool leaf_set::contains(const node_id& n) const noexcept { return std::ranges::find(nodes_, n) != nodes_.end(); }

bool leaf_set::would_take(const node_id& n) const {
  if (n == self_ || contains(n) || half_ == 0) return false;
  if (whole_ring()) return true;
  const auto right_reach = clockwise(self_, rightmost());
  const auto left_reach = clockwise(leftmost(), self_);
  if (!holed_) return clockwise(self_, n) < right_reach || clockwise(n, self_) < left_reach;
  const bool right = on_the_right(n);
  const auto far = right ? clockwise(self_, n) : clockwise(n, self_);
  const auto reach = right ? right_reach : left_reach;
  const auto there = right ? rights() : lefts();
  if (there < half_ / 2 || far < reach) return true;
  return there < half_ && (clockwise(reach, far) <= reach || std::ranges::find(next_beyond_, n) != next_beyond_.end());
}

std::vector<node_id> leaf_set::left() const { return {nodes_.rbegin(), nodes_.rbegin() + static_cast<std::ptrdiff_t>(lefts())}; }

std::vector<node_id> leaf_set::right() const { return {nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(rights())}; }

bool leaf_set::spans(const node_id& key) const {
  if (whole_ring()) return true;
  return clockwise(leftmost(), key) <= clockwise(leftmost(), rightmost());
}

std::vector<node_id> leaf_set::edges_to_fill() const {
  std::vector<node_id> out;
  if (!holed_) return out;
  if (rights() > 0 && rights() < half_) out.push_back(rightmost());
  if (lefts() > 0 && lefts() < half_) out.push_back(leftmost());
  return out;
}

double leaf_set::ring_size_estimate() const {
  const auto nodes = static_cast<double>(nodes_.size());
  if (whole_ring()) return nodes + 1;
  const auto arc = clockwise(leftmost(), rightmost());
  double share = 0;
  for (std::size_t i = 8; i > 0; --i) share = (share + arc.octets[i - 1]) / 256;
  return share > 0 ? std::max(nodes / share, nodes + 1) : nodes + 1;
}

leaf_set leaf_set_of(const node_id& n, std::size_t size, const std::vector<node_id>& left, const std::vector<node_id>& right) {
  leaf_set out(n, size);
  for (const auto& m : left) out.insert(m);
  for (const auto& m : right) out.insert(m);
  return out;
}

}  // namespace phyllo::overlay
