#include "storage/watch_table.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::overlay {

bool watch_table::add(const resource_id& resource, const node_id& watcher, core::timer& alarm) {
  if (watches_.size() >= limits_.watches_max) return false;
  auto& own = by_watcher_[watcher];
  if (own >= limits_.watches_per_node_max) return false;
  ++own;
  watches_.emplace(resource, &alarm);
  return true;
}

void watch_table::remove(const resource_id& resource, const node_id& watcher, const core::timer* alarm) {
  const auto [first, last] = watches_.equal_range(resource);
  const auto held = std::find_if(first, last, [&](const auto& w) { return w.second == alarm; });
  assert(held != last);
  watches_.erase(held);
  const auto own = by_watcher_.find(watcher);
  assert(own != by_watcher_.end() && own->second > 0);
  if (--own->second == 0) by_watcher_.erase(own);
  assert(by_watcher_.size() <= watches_.size());
}

void watch_table::changed(const resource_id& resource) {
  const auto [first, last] = watches_.equal_range(resource);
  std::for_each(first, last, [](const auto& w) { w.second->cancel(); });
}

void watch_table::wake_all() {
  for (const auto& [resource, alarm] : watches_) alarm->cancel();
}

}  // namespace phyllo::overlay
