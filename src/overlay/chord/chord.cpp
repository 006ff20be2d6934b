#include "chord/chord.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {
namespace {

bool lists(const std::vector<node_id>& list, const node_id& n) { return std::ranges::find(list, n) != list.end(); }

std::vector<node_id> named_in(const chord_update& u) {
  auto out = u.predecessors;
  out.insert(out.end(), u.successors.begin(), u.successors.end());
  out.insert(out.end(), u.fingers.begin(), u.fingers.end());
  return out;
}

// `from` has told its neighbours without naming this one, which is nearer to it than its last.
bool lacks(const chord_update& u, const node_id& from, const node_id& self) {
  if (lists(u.predecessors, self) || lists(u.successors, self)) return false;
  if (u.predecessors.empty() || u.successors.empty()) return true;
  return clockwise(self, from) < clockwise(u.predecessors.back(), from) || clockwise(from, self) < clockwise(from, u.successors.back());
}

}  // namespace

chord::chord(const node_id& self, const chord_options& options, core::time_point now)
    : options_(options),
      started_(now),
      routing_(self, options.neighbours_each),
      attaches_(options.random),
      join_(self),
      random_(options.random.second) {}

chord::actions chord::form(core::time_point now) {
  if (!routing_.active()) activate(now);
  return finish(false, now);
}

chord::actions chord::join(core::time_point now) {
  if (!routing_.active() && !join_.under_way()) join_.begin(now);
  return finish(false, now);
}

void chord::activate(core::time_point now) {
  join_.end();
  routing_.set_active(true);
  replicas_.begin(routing_.neighbours());
  out_.emplace_back(chord_actions::activated{});
  out_.emplace_back(chord_actions::members_changed{});
  schedule_.wish_announcement();
  for (const auto j : {chord_schedule::job::finger, chord_schedule::job::seek, chord_schedule::job::idle}) plan(j, now);
  for (const auto i : routing_.missing_fingers()) {
    out_.emplace_back(chord_actions::attach{destination::to_resource(routing_.fingers().first_of(i)), std::nullopt});
  }
}

chord::actions chord::link_opened(const node_id& n, bool update_wanted, core::time_point now) {
  routing_.open(n, now);
  if (routing_.active()) {
    const auto& l = routing_.neighbours();
    const bool near = l.contains(n) || l.would_take(n);
    const auto greeting = near ? chord_update_type::neighbors : chord_update_type::peer_ready;
    tell({n}, update_wanted ? chord_update_type::full : greeting, now);
  }
  return finish(false, now);
}

chord::actions chord::link_closed(const node_id& n, core::time_point now) {
  // Perhaps it is the link alone, and not the neighbour.
  if (routing_.is_active(n)) attaches_.failed(n, routing_.neighbours().contains(n), now);
  const bool changed = lose(n, now);
  routing_.close(n);
  joiners_.erase(n);
  join_.lost(n, now);
  return finish(changed, now);
}

chord::actions chord::unanswered(const node_id& n, core::time_point now) {
  if (!routing_.in_reach(n)) return {};
  attaches_.failed(n, routing_.neighbours().contains(n), now);
  out_.emplace_back(chord_actions::close_link{n});
  const bool changed = lose(n, now);
  return finish(changed, now);
}

bool chord::lose(const node_id& n, core::time_point now) {
  replicas_.note_lost(n, now);
  const bool finger = routing_.fingers().contains(n);
  const bool changed = routing_.remove(n);
  if (finger && routing_.active() && options_.reactive) {
    const auto i = routing_.fingers().index_of(n);
    const auto missing = routing_.missing_fingers();  // unless it was filled again
    if (std::ranges::binary_search(missing, i)) seek_finger(i, now);
  }
  return changed;
}

chord::actions chord::attached(const destination& to, const std::optional<node_id>& by, core::time_point now) {
  if (to == destination::to_resource(join_.place())) join_.located(by, now);
  if (by) attaches_.succeeded(*by);
  if (!by && to.type == destination_type::node) {
    attaches_.failed(to.id, true, now);
    search_.forget(to.id);
  }
  return finish(false, now);
}

chord::actions chord::ping_answered(const node_id& by, core::time_point now) {
  const auto& f = routing_.fingers();
  if (routing_.active() && by != routing_.self() && !routing_.in_reach(by) && !f.at(f.index_of(by))) attach(by, std::nullopt, now);
  return finish(false, now);
}

chord::actions chord::sought(const node_id& via, const node_id& by, core::time_point now) {
  // This node's own Node-ID is in its own range: who else answers is in another ring.
  if (routing_.active() && by != routing_.self() && !routing_.in_reach(by)) attach(by, via, now);
  return finish(false, now);
}

chord::actions chord::updated(const node_id& from, const chord_update& u, core::time_point now) {
  auto* link = routing_.find(from);
  if (link == nullptr) return {};
  const bool names_us = lists(u.predecessors, routing_.self()) || lists(u.successors, routing_.self());
  if (u.type == chord_update_type::peer_ready || names_us) link->used = now;
  const bool changed = routing_.enter(from);
  if (u.type != chord_update_type::peer_ready && (routing_.active() || join_.near_place())) {
    link->told = true;
    learn(named_in(u), from, now);
    if (join_.updated(from, u.predecessors, now)) activate(now);
    const bool reminded = routing_.active() && routing_.neighbours().contains(from) && lacks(u, from, routing_.self());
    if (reminded) tell({from}, chord_update_type::neighbors, now);
  }
  return finish(changed, now);
}

}  // namespace phyllo::overlay
