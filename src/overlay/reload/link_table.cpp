#include "reload/link_table.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::overlay {

void link_table::add(std::shared_ptr<transport::link> l, bool dialled, core::time_point now) {
  const auto peer = l->peer().node();
  if (!links_.contains(peer)) ++nodes_;
  links_.emplace(peer, entry{std::move(l), now, dialled});
  assert(nodes_ <= links_.size());
}

link_table::removed link_table::remove(const transport::link& l) {
  const auto at = find(l);
  if (at == links_.end()) return {};
  const auto [first, last] = links_.equal_range(at->first);
  removed out{std::move(at->second.link), std::next(first) == last};
  if (out.last) --nodes_;
  links_.erase(at);
  assert(nodes_ <= links_.size() && (nodes_ == 0) == links_.empty());
  return out;
}

link_table::table::iterator link_table::find(const transport::link& l) {
  const auto& node = l.peer().node();
  auto at = links_.find(node);
  while (at != links_.end() && at->second.link.get() != &l) {  // ends with those of the node
    ++at;
    if (at != links_.end() && at->first != node) return links_.end();
  }
  return at;
}

// All of the node whose first one this is.
link_table::range link_table::of_node(table::const_iterator first) const {
  auto last = std::next(first);
  if (nodes_ == links_.size()) return {first, last};
  while (last != links_.end() && last->first == first->first) ++last;  // ends with those of the node
  return {first, last};
}

// Both ends see the same dialler, and of two links of one dialler the same order.
bool link_table::better(const node_id& peer, const entry& a, const entry& b) const {
  if (a.link->open() != b.link->open()) return a.link->open();
  if (a.dialled != b.dialled) return a.dialled == (self_ < peer);
  return a.since > b.since;
}

const link_table::entry& link_table::preferred(const range& all) const {
  const auto& [first, last] = all;
  return std::min_element(first, last, [&](const auto& a, const auto& b) { return better(a.first, a.second, b.second); })->second;
}

transport::link* link_table::to(const node_id& n) const {
  const auto at = links_.find(n);
  if (at == links_.end()) return nullptr;
  const auto& best = preferred(of_node(at));
  return best.link->open() ? best.link.get() : nullptr;
}

std::shared_ptr<transport::link> link_table::share(const transport::link& l) {
  const auto at = find(l);
  return at == links_.end() ? nullptr : at->second.link;
}

bool link_table::take_token(const transport::link& l, core::time_point now) {
  const auto at = find(l);
  return at != links_.end() && at->second.rate.take(now);
}

std::vector<std::shared_ptr<transport::link>> link_table::excess(core::time_point now) const {
  std::vector<std::shared_ptr<transport::link>> out;
  if (nodes_ == links_.size()) return out;
  for (auto at = links_.begin(); at != links_.end();) {
    const auto all = of_node(at);
    const auto& best = preferred(all);
    for (; at != all.second; ++at) {
      const auto& e = at->second;
      if (&e != &best && now - best.since >= excess_after && now - e.since >= excess_after) out.push_back(e.link);
    }
  }
  return out;
}

std::vector<std::shared_ptr<transport::link>> link_table::of(const node_id& n) const {
  std::vector<std::shared_ptr<transport::link>> out;
  const auto [first, last] = links_.equal_range(n);
  for (auto at = first; at != last; ++at) out.push_back(at->second.link);
  return out;
}

std::vector<std::shared_ptr<transport::link>> link_table::all() const {
  std::vector<std::shared_ptr<transport::link>> out;
  out.reserve(links_.size());
  for (const auto& [n, e] : links_) out.push_back(e.link);
  return out;
}

std::vector<node_id> link_table::peers() const {
  std::vector<node_id> out;
  out.reserve(nodes_);
  for (auto at = links_.begin(); at != links_.end(); at = of_node(at).second) out.push_back(at->first);
  return out;
}

}  // namespace phyllo::overlay
