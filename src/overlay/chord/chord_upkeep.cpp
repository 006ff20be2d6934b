// Stabilisation (RFC 6940 s.10.7.4), and what others' Updates teach (s.10.7.3).
#include <algorithm>
#include <utility>

#include "chord/chord.hpp"

namespace phyllo::overlay {
namespace {

using chord_job = chord_schedule::job;

void append(std::vector<chord_action>& to, std::vector<chord_action> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

chord::actions chord::finish(bool changed, core::time_point now) {
  if (changed) out_.emplace_back(chord_actions::members_changed{});
  if (routing_.active()) {
    const auto range = replicas_.range();
    append(out_, replicas_.update(routing_.neighbours(), now));
    if (replicas_.range() != range || (changed && options_.reactive)) schedule_.wish_announcement();
    if (changed && routing_.neighbours().empty()) plan(chord_job::seek, now);
    if (schedule_.take_announcement(now)) {
      std::vector<node_id> all;
      for (const auto& [n, link] : routing_.links()) all.push_back(n);
      tell(all, chord_update_type::neighbors, now);
    }
  }
  append(out_, join_.advance(seen_by_join(), now));
  return std::exchange(out_, {});
}

chord_join::surroundings chord::seen_by_join() const {
  chord_join::surroundings s;
  if (!routing_.neighbours().empty()) s.successor = routing_.neighbours().successors().front();
  const auto at = join_.admitting() ? routing_.links().find(*join_.admitting()) : routing_.links().end();
  s.told = at != routing_.links().end() && at->second.told;
  s.attaching = attaches_.under_way();
  return s;
}

chord_update chord::update_of(chord_update_type type, core::time_point now) const {
  chord_update u;
  u.uptime = static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
  u.type = type;
  if (type == chord_update_type::peer_ready) return u;
  u.predecessors = routing_.neighbours().predecessors();
  u.successors = routing_.neighbours().successors();
  if (type == chord_update_type::full) u.fingers = routing_.fingers().entries();
  return u;
}

void chord::tell(const std::vector<node_id>& to, chord_update_type type, core::time_point now) {
  if (to.empty()) return;
  for (const auto& n : to) {
    if (auto* link = routing_.find(n)) link->next_update = now + random_.around(options_.update_interval());
  }
  out_.emplace_back(chord_actions::tell{to, update_of(type, now)});
}

// Names that can not be reached keep nobody out: one that has failed counts no more for a while.
void chord::learn(const std::vector<node_id>& named, const std::optional<node_id>& by, core::time_point now) {
  auto wanted = routing_.neighbours();
  for (const auto& n : named) {
    if (n == routing_.self() || routing_.in_reach(n) || !attaches_.may_try(n, now)) continue;
    wanted.insert(n);
    search_.flag(routing_.fingers(), n);
  }
  for (const auto& n : wanted.members()) {
    if (!routing_.neighbours().contains(n)) attach(n, by, now);
  }
}

void chord::attach(const node_id& n, const std::optional<node_id>& via, core::time_point now) {
  if (attaches_.begin({n, via}, now)) out_.emplace_back(chord_actions::attach{destination::to_node(n), via});
}

void chord::seek_finger(unsigned i, core::time_point now) {
  const auto flagged = search_.take(i);
  if (flagged && !routing_.in_reach(*flagged) && attaches_.may_try(*flagged, now)) {
    attach(*flagged, std::nullopt, now);
  } else {
    out_.emplace_back(chord_actions::ping{routing_.fingers().point_of(i, random_.wide())});
  }
}

chord::actions chord::tick(core::time_point now) {
  for (const auto& a : attaches_.take_due(now)) {
    if (!routing_.in_reach(a.node) && routing_.neighbours().would_take(a.node)) attach(a.node, a.via, now);
  }
  if (!routing_.active()) return finish(false, now);
  tell_due(now);
  if (schedule_.due(chord_job::finger, now)) {
    plan(chord_job::finger, now);
    if (const auto i = finger_search::choose(routing_.missing_fingers(), random_)) seek_finger(*i, now);
  }
  if (schedule_.due(chord_job::seek, now)) {
    plan(chord_job::seek, now);
    out_.emplace_back(chord_actions::seek{});
  }
  if (schedule_.due(chord_job::idle, now)) {
    plan(chord_job::idle, now);
    close_unused(now);
  }
  return finish(false, now);
}

void chord::plan(chord_schedule::job j, core::time_point now) {
  auto interval = random_.around(j == chord_job::idle ? options_.update_interval() : options_.ping_interval());
  if (j == chord_job::seek && routing_.neighbours().empty()) interval = seek_alone;
  schedule_.plan(j, now, interval);
}

// "A peer MUST periodically send an Update request to every peer in its Neighbor Table" (s.10.7.4.1); peer_ready "is also used as a
// connectivity check to non-neighbour peers" (s.10.7), and tells them that their link is needed.
void chord::tell_due(core::time_point now) {
  std::vector<node_id> neighbours;
  std::vector<node_id> others;
  for (const auto& [n, link] : routing_.links()) {
    if (!routing_.uses(n) || now < link.next_update) continue;
    (routing_.neighbours().contains(n) ? neighbours : others).push_back(n);
  }
  tell(neighbours, chord_update_type::neighbors, now);
  tell(others, chord_update_type::peer_ready, now);
}

void chord::close_unused(core::time_point now) {
  for (const auto& [n, link] : routing_.links()) {
    const bool needed = !link.ready || routing_.uses(n) || now - link.used < unused_intervals * options_.update_interval();
    if (!needed) out_.emplace_back(chord_actions::close_link{n});
  }
}

core::time_point chord::next_due() const {
  auto due = std::min(join_.next_due(), attaches_.next_due());
  if (!routing_.active()) return due;
  due = std::min({due, schedule_.next_due(), replicas_.next_due()});
  for (const auto& [n, link] : routing_.links()) {
    if (routing_.uses(n)) due = std::min(due, link.next_update);
  }
  return due;
}

}  // namespace phyllo::overlay
