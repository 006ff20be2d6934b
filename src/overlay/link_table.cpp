#include "link_table.hpp"

#include <algorithm>

namespace phyllo::overlay {

void link_table::add(std::shared_ptr<transport::link> l, bool dialled, core::time_point now) {
  const auto peer = l->peer().node();
  ++links_in_all_;
  links_[peer].push_back({std::move(l), dialled ? self_ : peer, now});
}

link_table::removed link_table::remove(const transport::link& l) {
  const auto node = links_.find(l.peer().node());
  if (node == links_.end()) return {};
  auto& entries = node->second;
  const auto at = std::ranges::find_if(entries, [&](const entry& e) { return e.link.get() == &l; });
  if (at == entries.end()) return {};
  removed out{std::move(at->link), entries.size() == 1};
  entries.erase(at);
  --links_in_all_;
  if (entries.empty()) links_.erase(node);
  return out;
}

// Both ends see the same dialler, and of two links of one dialler the same order.
bool link_table::better(const entry& a, const entry& b) const {
  if (a.link->open() != b.link->open()) return a.link->open();
  return a.dialler != b.dialler ? a.dialler < b.dialler : a.since > b.since;
}

const link_table::entry* link_table::preferred(const std::vector<entry>& entries) const {
  const entry* best = nullptr;
  for (const auto& e : entries) {
    if (best == nullptr || better(e, *best)) best = &e;
  }
  return best;
}

transport::link* link_table::to(const node_id& n) const {
  const auto at = links_.find(n);
  if (at == links_.end()) return nullptr;
  const auto* best = preferred(at->second);
  return best->link->open() ? best->link.get() : nullptr;
}

bool link_table::take_token(const transport::link& l, core::time_point now) {
  const auto node = links_.find(l.peer().node());
  if (node == links_.end()) return false;
  for (auto& e : node->second) {
    if (e.link.get() == &l) return e.rate.take(now);
  }
  return false;
}

std::vector<std::shared_ptr<transport::link>> link_table::excess(core::time_point now) const {
  std::vector<std::shared_ptr<transport::link>> out;
  if (links_in_all_ == links_.size()) return out;
  for (const auto& [n, entries] : links_) {
    if (entries.size() < 2) continue;
    const auto* best = preferred(entries);
    for (const auto& e : entries) {
      if (&e != best && now - best->since >= excess_after && now - e.since >= excess_after) out.push_back(e.link);
    }
  }
  return out;
}

std::vector<std::shared_ptr<transport::link>> link_table::of(const node_id& n) const {
  std::vector<std::shared_ptr<transport::link>> out;
  const auto at = links_.find(n);
  if (at == links_.end()) return out;
  for (const auto& e : at->second) out.push_back(e.link);
  return out;
}

std::vector<std::shared_ptr<transport::link>> link_table::all() const {
  std::vector<std::shared_ptr<transport::link>> out;
  for (const auto& [n, entries] : links_) {
    for (const auto& e : entries) out.push_back(e.link);
  }
  return out;
}

std::vector<node_id> link_table::peers() const {
  std::vector<node_id> out;
  for (const auto& [n, entries] : links_) out.push_back(n);
  return out;
}

}  // namespace phyllo::overlay
