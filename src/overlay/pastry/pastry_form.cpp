// Of the plug-in: a ring that was down as a whole begins again (specification of the Pastry plug-in, forming the ring again).
#include <fmt/format.h>

#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration gather_every = 200ms;
constexpr unsigned looks_per_question = 5;  // to those that wait as well: a second between two

}  // namespace

// Beside the attempts to join. What it waits for is said by others, so it asks them.
core::awaitable<void> pastry::gather() {
  for (unsigned looks = 1; state_ == peer_state::joining; ++looks) {  // ends when this node is active, by whatever way, or stopped
    if (form_asked_ || begins_the_ring()) {
      log_.warning("nobody of the overlay is active: this node forms the ring again");
      activate();
      break;
    }
    if (looked_ && looks % looks_per_question == 0) {
      for (const auto& w : waiting_here()) reconcile(w.node);
    }
    co_await core::sleep_for(env_, gather_every);
  }
  gathering_ = false;
}

std::vector<ring_formation::waiting> pastry::waiting_here() const {
  std::vector<ring_formation::waiting> out;
  for (const auto& n : links_.peers()) {
    const auto* r = ring_.find(n);
    if (r != nullptr && r->peer && !r->active && !r->suspect) out.push_back({n, r->may_form});
  }
  return out;
}

bool pastry::begins_the_ring() {
  if (!formation_ || !looked_) return false;
  if (knows_active()) {
    formation_->stand_down();
    return false;
  }
  return formation_->look(waiting_here(), env_.now());
}

bool pastry::knows_active() const {
  return std::ranges::any_of(links_.peers(), [&](const node_id& n) { return ring_.usable(n); });
}

core::error pastry::nobody_active() const {
  if (formation_) return {errc::refused, members_missing()};
  const auto waiting = waiting_here().size();
  if (waiting == 0) return {errc::refused, "no address of another node to join through"};
  return {errc::refused, fmt::format("of the {} nodes that answer none is active", waiting)};
}

std::string pastry::members_missing() const {
  return fmt::format("nobody is active; {} of the {} members that this node knew are here, it forms the ring again with {}",
                     formation_->here(), formation_->members(), formation_->needed());
}

std::string pastry::waits_for() const {
  const bool waits = state_ == peer_state::joining && formation_ && looked_ && !knows_active();
  return waits ? members_missing() : std::string();
}

bool pastry::linked_at(const transport::candidate& c) const {
  return std::ranges::any_of(links_.all(), [&](const auto& l) {
    const auto* r = ring_.find(l->peer().node());
    if (r == nullptr || !r->linked) return false;
    const auto told = r->candidates.all();
    return l->remote() == c.at || std::ranges::find(told, c) != told.end();
  });
}

}  // namespace phyllo::overlay
