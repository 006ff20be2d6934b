#include "pastry/deaf_members.hpp"

namespace phyllo::overlay {

deaf_members::hearing deaf_members::note(const node_id& n, bool answered, core::time_point now) {
  auto& r = ring_.record(n);
  if (answered) {
    r.unanswered = 0;
    r.deaf = false;
    return hearing::fine;
  }
  if (!doubts(n)) return hearing::fine;
  if (++r.unanswered < unanswered_max) return hearing::ask_again;
  r.deaf = true;
  r.vouched = now;
  return hearing::deaf;
}

bool deaf_members::doubts(const node_id& n) const { return ring_.active && ring_.usable(n) && ring_.leafs.contains(n); }

bool deaf_members::may_hear(const node_id& n, core::time_point now) {
  auto& r = ring_.record(n);
  if (!r.deaf || !r.linked || now - r.vouched < asked_every) return false;
  r.vouched = now;
  return true;
}

}  // namespace phyllo::overlay
