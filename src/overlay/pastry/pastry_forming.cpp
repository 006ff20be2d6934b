#include "pastry/pastry_forming.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration gather_every = 200ms;
constexpr unsigned looks_per_question = 5;  // to those that wait as well: a second between two

}  // namespace

void pastry_forming::begin() {
  if (!std::exchange(gathering_, true)) scope_.spawn(gather());
}

// What it waits for is said by others, so it asks them.
core::awaitable<void> pastry_forming::gather() {
  for (unsigned looks = 1; own_.joining(); ++looks) {  // ends when this node is active, by whatever way, or stopped
    if (asked_ || begins_the_ring()) {
      parts_.log.warning("nobody of the overlay is active: this node forms the ring again");
      membership_.activate();
      break;
    }
    if (looked_ && looks % looks_per_question == 0) {
      for (const auto& w : waiting_here()) probes_.reconcile(w.node);
    }
    co_await core::sleep_for(parts_.env, gather_every);
  }
  gathering_ = false;
}

std::vector<ring_formation::waiting> pastry_forming::waiting_here() const {
  std::vector<ring_formation::waiting> out;
  for (const auto& n : parts_.links.peers()) {
    const auto* r = ring_.find(n);
    if (r != nullptr && r->peer && !r->active && !r->doubt.suspect) out.push_back({n, r->may_form});
  }
  return out;
}

bool pastry_forming::begins_the_ring() {
  if (!own_.formation() || !looked_) return false;
  if (knows_active()) {
    own_.formation()->stand_down();
    return false;
  }
  return own_.formation()->look(waiting_here(), parts_.env.now());
}

bool pastry_forming::knows_active() const {
  return std::ranges::any_of(parts_.links.peers(), [&](const node_id& n) { return ring_.usable(n); });
}

core::error pastry_forming::nobody_active() const {
  if (own_.formation()) return {errc::refused, members_missing()};
  const auto waiting = waiting_here().size();
  if (waiting == 0) return {errc::refused, "no address of another node to join through"};
  return {errc::refused, fmt::format("of the {} nodes that answer none is active", waiting)};
}

std::string pastry_forming::members_missing() const {
  const auto& f = *own_.formation();
  return fmt::format("nobody is active; {} of the {} members that this node knew are here, it forms the ring again with {}", f.here(),
                     f.members(), f.needed());
}

std::string pastry_forming::waits_for() const {
  const bool waits = own_.joining() && own_.formation() && looked_ && !knows_active();
  return waits ? members_missing() : std::string();
}

}  // namespace phyllo::overlay
