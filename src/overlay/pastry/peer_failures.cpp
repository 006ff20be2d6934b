#include "pastry/peer_failures.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

constexpr std::size_t ways_max = 2;  // "through two leaf-set neighbours"

}  // namespace

bool peer_failures::suspect(const node_id& n, core::time_point now, core::duration rto, suspicion why) {
  if (n == ring_.self() || !detector_.suspect(n, now, rto, why)) return false;
  ring_.record(n).doubt.suspect = true;
  return true;
}

bool peer_failures::alive(const node_id& n, core::time_point now) {
  auto& r = ring_.record(n);
  if (!detector_.alive(n) && !r.doubt.suspect) return false;
  r.doubt.suspect = false;
  r.doubt.through.reset();
  rumours_.refute(n, now);
  return true;
}

bool peer_failures::hear(const node_id& n, const node_id& from, const leaf_set_state& s, core::time_point now) {
  if (!ring_.leafs.contains(n) || rumours_.refuted(n, now)) return false;
  if (now - ring_.record(n).link.heard < rumour_after) return false;  // who has said something meanwhile lives
  rumours_.hear(n, from, s, leaf_set_of(from, leaf_set_size_, s.left, s.right));
  return true;
}

// A member that answers through others has not failed: would this node alone do without it, its view of their replica sets would be
// nobody else's. It stays a suspect. But when others have lost it, it is gone.
bool peer_failures::gives_up(const node_id& n, suspicion why, core::time_point now) {
  const auto& r = ring_.record(n);
  // By rounds, too: who was held up himself has asked nobody meanwhile.
  const bool answers = r.doubt.through && (now - r.doubt.answered_around < around_for || r.doubt.unanswered_around < unanswered_rounds_max);
  if (why == suspicion::told || !answers || !ring_.leafs.contains(n)) return true;
  detector_.suspect(n, now, around_rto, why);
  return false;
}

std::vector<node_id> peer_failures::ways_around(const node_id& n, suspicion why) {
  if (why == suspicion::told || !ring_.leafs.contains(n)) return {};  // others have asked one that they tell of
  ++ring_.record(n).doubt.unanswered_around;
  std::vector<node_id> out;
  for (const auto& via : ring_.leafs.members()) {
    if (via != n && ring_.usable(via) && out.size() < ways_max) out.push_back(via);
  }
  return out;
}

bool peer_failures::answered_around(const node_id& n, const node_id& via, core::time_point now) {
  auto& r = ring_.record(n);
  const bool first = !r.doubt.through;
  r.doubt.through = via;
  r.doubt.answered_around = now;
  r.doubt.unanswered_around = 0;
  return first;
}

bool peer_failures::take_back(const node_id& n, std::uint32_t incarnation, core::time_point now) {
  if (!ring_.leafs.would_take(n)) return false;
  auto& r = ring_.record(n);
  r.incarnation = incarnation;
  r.peer = r.active = r.admitted = r.doubt.suspect = true;
  r.leaving = r.link.open = false;
  failed_.found(n);
  ring_.leafs.insert(n);
  detector_.suspect(n, now, around_rto, suspicion::closed);
  return true;
}

peer_failures::failure peer_failures::fail(const node_id& n, suspicion why, core::time_point now) {
  auto& r = ring_.record(n);
  detector_.alive(n);
  r.doubt.suspect = r.active = r.link.open = false;
  r.doubt.through.reset();
  failed_.lost().note(n, r.candidates.all(), now);
  failure f;
  f.leaf = ring_.leafs.contains(n);
  f.entry = ring_.table.contains(n);
  f.heard = rumours_.take(n);
  f.members_then = ring_.leafs.members();
  if (f.leaf) losses_.note(f.members_then.size(), now);
  f.tells = f.leaf && tells_of(ring_.leafs, n, why, f.heard);
  if (f.tells) f.told = concerned(ring_.self(), ring_.leafs, n, leaf_set_size_ / 2, f.heard.informed);
  std::erase_if(f.told, [this](const node_id& m) { return !ring_.usable(m); });
  ring_.remove(n);
  // A joiner asks again whom others name: where a whole ring comes back, who was away a moment ago is there now.
  if (ring_.active) failed_.name(n, now + failed_for);
  if (f.leaf && ring_.active) failed_.put_off(n, now + agreed_after);
  if (f.leaf || f.entry) history_.note(now);
  f.refills = f.leaf || (ring_.active && ring_.leafs.would_take(n));
  return f;
}

void peer_failures::tell_entrants(failure& f) const {
  for (const auto& m : ring_.leafs.members()) {
    const bool entered = std::ranges::find(f.members_then, m) == f.members_then.end();
    if (entered && ring_.usable(m) && !f.heard.informed.contains(m)) f.told.push_back(m);
  }
}

double peer_failures::rate(core::time_point now) const {
  return history_.rate(now, ring_.leafs.members().size() + ring_.table.entries().size());
}

}  // namespace phyllo::overlay
