#include "reload/ring_arc.hpp"

#include <algorithm>
#include <iterator>

namespace phyllo::overlay {

uint128 to_integer(const node_id& id) noexcept {
  uint128 value = 0;
  for (const auto b : id.octets) value = value << 8 | b;
  return value;
}

node_id from_integer(uint128 value) noexcept {
  node_id id;
  for (auto i = id.octets.rbegin(); i != id.octets.rend(); ++i, value >>= 8) *i = static_cast<std::uint8_t>(value);
  return id;
}

arc whole_ring() noexcept { return {from_integer(0), from_integer(~uint128(0))}; }

void arc_set::add(const arc& a) {
  auto first = to_integer(a.first);
  auto last = to_integer(a.last);
  auto at = arcs_.upper_bound(first);
  if (at != arcs_.begin() && (std::prev(at)->second >= first || std::prev(at)->second + 1 == first)) --at;
  while (at != arcs_.end() && (at->first <= last || at->first == last + 1) && last + 1 != 0) {  // what touches is joined
    first = std::min(first, at->first);
    last = std::max(last, at->second);
    at = arcs_.erase(at);
  }
  while (at != arcs_.end() && last + 1 == 0) {  // up to the top of the ring: all that follows is inside
    first = std::min(first, at->first);
    at = arcs_.erase(at);
  }
  arcs_[first] = last;
}

void arc_set::subtract(const arc& a) {
  const auto first = to_integer(a.first);
  const auto last = to_integer(a.last);
  auto at = arcs_.upper_bound(first);
  if (at != arcs_.begin()) --at;
  while (at != arcs_.end() && at->first <= last) {
    const auto [from, to] = *at;
    if (to < first) {
      ++at;
      continue;
    }
    at = arcs_.erase(at);
    if (from < first) arcs_[from] = first - 1;
    if (to > last) arcs_[last + 1] = to;
  }
}

bool arc_set::contains(const resource_id& key) const { return covers({key, key}); }

bool arc_set::covers(const arc& a) const {
  const auto at = arcs_.upper_bound(to_integer(a.first));
  return at != arcs_.begin() && std::prev(at)->second >= to_integer(a.last);
}

bool arc_set::intersects(const arc& a) const { return !within(a).empty(); }

std::vector<arc> arc_set::within(const arc& a) const {
  std::vector<arc> found;
  for (const auto& [from, to] : arcs_) {
    const auto first = std::max(from, to_integer(a.first));
    const auto last = std::min(to, to_integer(a.last));
    if (first <= last) found.push_back({from_integer(first), from_integer(last)});
  }
  return found;
}

std::vector<arc> arc_set::arcs() const { return within(whole_ring()); }

}  // namespace phyllo::overlay
