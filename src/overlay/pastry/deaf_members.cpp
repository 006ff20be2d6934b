#include "pastry/deaf_members.hpp"

namespace phyllo::overlay {

deaf_members::hearing deaf_members::note(const node_id& n, bool answered, core::time_point now) {
  auto& r = ring_.record(n);
  if (answered) {
    r.doubt.unanswered = 0;
    r.doubt.deaf = false;
    return hearing::fine;
  }
  if (!doubts(n)) return hearing::fine;
  if (++r.doubt.unanswered < unanswered_max) return hearing::ask_again;
  r.doubt.deaf = true;
  r.vouched = now;
  return hearing::deaf;
}

bool deaf_members::doubts(const node_id& n) const { return ring_.active && ring_.usable(n) && ring_.leafs.contains(n); }

bool deaf_members::may_hear(const node_id& n, core::time_point now) {
  auto& r = ring_.record(n);
  if (!r.doubt.deaf || !r.link.open || now - r.vouched < asked_every) return false;
  r.vouched = now;
  return true;
}

}  // namespace phyllo::overlay
