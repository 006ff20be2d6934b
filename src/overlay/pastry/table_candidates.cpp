#include "pastry/table_candidates.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

core::duration known(core::duration estimate) { return estimate > core::duration::zero() ? estimate : core::duration::max(); }

bool before(const table_candidate& a, const table_candidate& b) {
  return a.slot != b.slot ? a.slot < b.slot : known(a.estimate) < known(b.estimate);
}

}  // namespace

void table_candidates::offer(const table_candidate& c) {
  auto [first, last] = std::ranges::equal_range(candidates_, c.slot, {}, &table_candidate::slot);
  if (const auto same = std::ranges::find(first, last, c.node, &table_candidate::node); same != last) {
    if (known(c.estimate) >= known(same->estimate)) return;
    candidates_.erase(same);
  } else if (static_cast<std::size_t>(last - first) >= per_slot) {
    if (!before(c, *std::prev(last))) return;
    candidates_.erase(std::prev(last));
  } else if (candidates_.size() >= nodes_max) {
    return;
  }
  candidates_.insert(std::ranges::upper_bound(candidates_, c, before), c);
}

std::vector<table_candidate>::const_iterator table_candidates::next() const noexcept {
  return std::ranges::find_if(candidates_, [this](const table_candidate& c) {
    return static_cast<std::size_t>(std::ranges::count(out_, c.slot, [](const auto& o) { return o.first; })) < at_once_;
  });
}

std::optional<table_candidate> table_candidates::take() {
  const auto at = next();
  if (at == candidates_.end()) return std::nullopt;
  const auto c = *at;
  candidates_.erase(at);
  if (candidates_.empty()) candidates_ = {};  // there are many while a node joins, and few ever after
  out_.emplace_back(c.slot, c.node);
  return c;
}

void table_candidates::tried(const node_id& n) {
  std::erase_if(out_, [&](const auto& o) { return o.second == n; });
}

// Between the difference and the sum of both. Of two ways of unequal length it is about the longer one: a node's near
// neighbours see what it sees itself.
core::duration estimate_rtt(core::duration mine, core::duration its) noexcept {
  if (mine <= core::duration::zero() || its <= core::duration::zero()) return {};
  return std::max(mine, its);
}

}  // namespace phyllo::overlay
