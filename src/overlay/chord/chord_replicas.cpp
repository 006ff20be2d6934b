#include "chord/chord_replicas.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

bool has_copies(const std::vector<node_id>& replicas, const node_id& n) { return std::ranges::find(replicas, n) != replicas.end(); }

// Both end at the same node.
bool less_than(const key_range& now, const key_range& before) { return now.after != now.upto && before.contains(now.after); }

// Both end at the same node, or have nothing to do with each other.
bool covers(const key_range& given, const key_range& part) {
  return given.upto == part.upto && (given.after == part.after || given.contains(part.after));
}

}  // namespace

void chord_replicas::begin(const successor_lists& l) {
  range_ = l.responsible();
  replicas_ = l.replica_set();
  owed_ = range_;
  waiting_ = false;
}

void chord_replicas::note_lost(const node_id& n, core::time_point now) {
  if (has_copies(replicas_, n)) hold_until_ = now + hold_down;
}

std::vector<chord_action> chord_replicas::update(const successor_lists& l, core::time_point now) {
  std::vector<chord_action> out;
  const auto before = range_;
  range_ = l.responsible();
  const auto set = l.replica_set();
  std::erase_if(replicas_, [&](const node_id& n) { return !has_copies(set, n); });
  if (less_than(range_, before)) {
    give(before, l, out);
  } else if (range_ != before) {
    cover({range_.after, before.after}, out);
  }
  renew(set, now, out);
  return out;
}

// "It MUST attempt to Store a copy to the correct node" (s.6.4.2.3): each predecessor that is new in the range has a part of it.
void chord_replicas::give(const key_range& before, const successor_lists& l, std::vector<chord_action>& out) const {
  const auto& p = l.predecessors();
  for (std::size_t i = 0; i < p.size() && p[i] != before.after && before.contains(p[i]); ++i) {
    const bool last = i + 1 == p.size() || !before.contains(p[i + 1]);
    const key_range part{last ? before.after : p[i + 1], p[i]};
    if (!covers(given_, part)) out.emplace_back(chord_actions::copy{p[i], part});
  }
}

// Whoever was responsible for it had this node as its first replica; it has one more now.
void chord_replicas::cover(const key_range& gained, std::vector<chord_action>& out) const {
  for (const auto& n : replicas_) out.emplace_back(chord_actions::copy{n, gained});
}

void chord_replicas::renew(const std::vector<node_id>& set, core::time_point now, std::vector<chord_action>& out) {
  if (!waiting_ || !less_than(range_, owed_)) owed_ = range_;
  waiting_ = false;
  for (const auto& n : set) {
    if (has_copies(replicas_, n)) continue;
    waiting_ = n != set.front() && now < hold_until_;
    if (waiting_) continue;
    out.emplace_back(chord_actions::copy{n, owed_});
    replicas_.push_back(n);
  }
}

}  // namespace phyllo::overlay
