#include "chord/chord_join.hpp"

#include <algorithm>

#include "reload/ring.hpp"

namespace phyllo::overlay {

void chord_join::enter(step s, core::time_point now) {
  step_ = s;
  until_ = now + (s == step::settle ? settle_max : step_max);
  if (s == step::contact) {
    until_ = now;  // asked at once
    admitting_.reset();
  }
}

core::time_point chord_join::next_due() const noexcept { return step_ == step::idle ? core::time_point::max() : until_; }

std::vector<chord_action> chord_join::advance(const surroundings& s, core::time_point now) {
  switch (step_) {
    case step::idle: return {};
    case step::contact: return contact(s, now);
    case step::meet:
      // A neighbour that can not be linked in time does not keep this node out.
      if (now < until_ && (!s.told || s.attaching)) return {};
      return admit(s, now);
    default: break;
  }
  if (now < until_) return {};
  again(now);
  return contact(s, now);
}

std::vector<chord_action> chord_join::contact(const surroundings& s, core::time_point now) {
  if (s.successor) {
    enter(step::locate, now);
    return {chord_actions::attach{destination::to_resource(place()), std::nullopt}};
  }
  if (now < until_) return {};
  until_ = now + contact_again;
  return {chord_actions::find_bootstrap{}};
}

// Of all that were met the nearest after this node is responsible for its Node-ID, whoever has answered the Attach.
std::vector<chord_action> chord_join::admit(const surroundings& s, core::time_point now) {
  if (!s.successor || !s.told) {
    again(now);
    return contact(s, now);
  }
  admitting_ = s.successor;
  if (asked_.size() == asked_max) asked_.erase(asked_.begin());
  asked_.push_back(*admitting_);
  enter(step::admit, now);
  return {chord_actions::ask_join{*admitting_}};
}

void chord_join::located(const std::optional<node_id>& by, core::time_point now) {
  if (step_ != step::locate) return;
  if (!by || *by == self_) {
    until_ = now + locate_again;
    return;
  }
  admitting_ = by;
  enter(step::meet, now);
}

void chord_join::answered(const node_id& by, bool accepted, core::time_point now) {
  if (step_ != step::admit || admitting_ != by) return;
  if (accepted) {
    enter(step::settle, now);
  } else {
    again(now);
  }
}

bool chord_join::updated(const node_id& from, const std::vector<node_id>& predecessors, core::time_point now) {
  const auto has = [](const std::vector<node_id>& list, const node_id& n) { return std::ranges::find(list, n) != list.end(); };
  if (!under_way()) return false;
  if (has(predecessors, self_)) return has(asked_, from);
  const bool waits = (step_ == step::settle || step_ == step::admit) && admitting_ == from;
  // All of its predecessors are nearer to it than this node: others have entered between, and are to be asked.
  if (waits && !predecessors.empty() && clockwise(predecessors.back(), from) < clockwise(self_, from)) again(now);
  return false;
}

void chord_join::lost(const node_id& n, core::time_point now) {
  if (under_way() && admitting_ == n) again(now);
}

}  // namespace phyllo::overlay
