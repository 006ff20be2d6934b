#include "storage/read_quorum.hpp"

#include <algorithm>

namespace phyllo::overlay {

read_quorum::read_quorum(const std::vector<member>& set, const node_id& self, std::uint64_t view, const std::vector<node_id>& unsynced)
    : self_(self), view_(view), needed_(quorum(set.size())), unsynced_(unsynced.begin(), unsynced.end()) {
  for (const auto& m : set) {
    members_.insert(m.node);
    if (m.node == self) {
      agreeing_.insert(self);
      continue;
    }
    waiting_.insert(m.node);
    if (m.suspect) suspects_.insert(m.node);
  }
}

void read_quorum::take(const node_id& from, const std::optional<replica_state>& state, std::map<core::bytes, version> holds) {
  waiting_.erase(from);
  holdings_[from] = std::move(holds);
  if (!state || !members_.contains(from)) return;
  if (state->view != view_) {
    disagreeing_.push_back(from);
    return;
  }
  agreeing_.insert(from);
  unsynced_.insert(state->unsynced.begin(), state->unsynced.end());
}

std::size_t read_quorum::counted() const {
  return static_cast<std::size_t>(std::ranges::count_if(agreeing_, [&](const node_id& n) { return !unsynced_.contains(n); }));
}

std::size_t read_quorum::missing() const { return needed_ - std::min(needed_, counted()); }

std::vector<node_id> read_quorum::promising() const {
  std::vector<node_id> out;
  std::ranges::copy_if(waiting_, std::back_inserter(out),
                       [&](const node_id& n) { return !suspects_.contains(n) && !unsynced_.contains(n); });
  return out;
}

std::size_t read_quorum::answered() const {
  return static_cast<std::size_t>(std::ranges::count_if(holdings_, [&](const auto& e) { return members_.contains(e.first); }));
}

read_quorum::step read_quorum::next() const {
  if (counted() >= needed_) return step::done;
  const bool hope = std::ranges::any_of(waiting_, [&](const node_id& n) { return !suspects_.contains(n); });
  return hope ? step::wait : step::again;
}

read_quorum::shortage read_quorum::short_of() const {
  std::map<core::bytes, version> newest;
  for (const auto& [node, holds] : holdings_) {
    for (const auto& [entry, v] : holds) {
      auto& best = newest[entry];
      best = std::max(best, v);
    }
  }
  shortage s;
  for (const auto& [entry, best] : newest) {
    std::size_t holders = 0;
    std::set<node_id> lacking;
    for (const auto& [node, holds] : holdings_) {
      if (!members_.contains(node)) continue;
      const auto at = holds.find(entry);
      // This node keeps what it has merged, whatever it held before.
      if (node == self_ || (at != holds.end() && at->second == best)) {
        ++holders;
      } else {
        lacking.insert(node);
      }
    }
    if (holders >= needed_) continue;
    s.entries.insert(entry);
    s.lacking.insert(lacking.begin(), lacking.end());
    s.needed = std::max(s.needed, needed_ - holders);
  }
  return s;
}

}  // namespace phyllo::overlay
