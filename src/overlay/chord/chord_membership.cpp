// Who enters the ring here, and who leaves it (RFC 6940 s.10.5, s.10.9).
#include <algorithm>
#include <utility>

#include "chord/chord.hpp"

namespace phyllo::overlay {
namespace {

// "from_succ: the Leave request was sent by a successor" of the recipient, which is a predecessor of who leaves (s.10.9). In a small ring
// it is both: what it is nearer as.
chord_actions::say_leave farewell(const successor_lists& l, const node_id& to) {
  const auto before = std::ranges::find(l.predecessors(), to) - l.predecessors().begin();
  const auto after = std::ranges::find(l.successors(), to) - l.successors().begin();
  if (before <= after) return {to, chord_leave_type::from_succ, l.successors()};
  return {to, chord_leave_type::from_pred, l.predecessors()};
}

}  // namespace

chord::actions chord::join_asked(const node_id& by, core::time_point now) {
  const bool entered = routing_.is_active(by) && routing_.neighbours().contains(by);
  const bool place = entered || routing_.neighbours().responsible().contains(by);
  const bool room = entered || joiners_.contains(by) || joiners_.size() < joiners_max;
  const bool accepted = routing_.active() && routing_.in_reach(by) && by != routing_.self() && place && room;
  out_.emplace_back(chord_actions::answer_join{by, accepted});
  if (!accepted) return finish(false, now);
  if (entered) {
    tell({by}, chord_update_type::neighbors, now);
  } else if (const key_range keys{routing_.neighbours().responsible().after, by}; joiners_.emplace(by, keys).second) {
    out_.emplace_back(chord_actions::hand_over{by, keys});
  }
  return finish(false, now);
}

chord::actions chord::join_answered(const node_id& by, bool accepted, core::time_point now) {
  join_.answered(by, accepted, now);
  return finish(false, now);
}

chord::actions chord::handed_over(const node_id& to, core::time_point now) {
  const auto given = joiners_.extract(to);
  if (given.empty() || !routing_.active() || !routing_.in_reach(to)) return finish(false, now);
  replicas_.note_given(given.mapped());
  const bool changed = routing_.enter(to);
  tell({to}, chord_update_type::neighbors, now);
  return finish(changed, now);
}

chord::actions chord::left(const chord_leave_request& l, core::time_point now) {
  if (!routing_.in_reach(l.node)) return {};
  attaches_.failed(l.node, false, now);
  const bool changed = lose(l.node, now);
  learn(l.nodes, std::nullopt, now);  // it will not be there to be asked the way through
  join_.lost(l.node, now);
  return finish(changed, now);
}

chord::actions chord::leave(core::time_point) {
  join_.end();
  if (routing_.active()) {
    for (const auto& n : routing_.neighbours().members()) out_.emplace_back(farewell(routing_.neighbours(), n));
  }
  routing_.set_active(false);
  return std::exchange(out_, {});
}

}  // namespace phyllo::overlay
