#include "pastry/pastry_links.hpp"

#include <algorithm>
#include <cassert>
#include <set>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration idle_timeout = 20s;
constexpr core::duration idle_timeout_of_choice = 10min;  // with replica_choice: every near node that is linked is one to choose
constexpr core::duration silence_max = 20min;             // of a node that needs a link: it may be gone

}  // namespace

places pastry_links::places_of(const node_id& n) const {
  const auto* r = parts_.ring.find(n);
  return r != nullptr ? r->candidates.all() : places();
}

core::time_point pastry_links::heard(const node_id& n) const {
  const auto* r = parts_.ring.find(n);
  return r != nullptr ? r->link.heard : core::time_point{};
}

void pastry_links::on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) {
  assert(parts_.links.contains(n));
  parts_.ring.hear_at(n, l.remote().address);
  auto& r = parts_.ring.record(n);
  r.link.open = true;
  r.peer = l.peer().may_be_peer();
  r.active = r.active && r.peer;
  r.link.uses_us = r.link.told_used = r.link.told_grants = false;
  r.link.rtt = l.rtt();
  r.link.heard = r.link.said = parts_.env.now();
  if (dialled && r.candidates.empty()) parts_.ring.learn_places(n, {{l.kind(), l.remote()}});
  const bool lost = dialled && first && parts_.ring.leafs.contains(n);
  parts_.failures.alive(n);  // it has just proved to be there
  parts_.role->on_linked(n);
  if (lost) parts_.probes.send(n);  // it may have given this node up
}

// "Ends of links: least recently used beyond leaf set and table, 20 s idle": of both ends'. Whoever does not need a link any more says
// so, and the last one closes it.
void pastry_links::close_unused() {
  const auto now = parts_.env.now();
  for (const auto& l : parts_.links.excess(now)) l->close();
  for (const auto& n : parts_.links.peers()) tend(n, now);
}

void pastry_links::tend(const node_id& n, core::time_point now) {
  const auto& r = parts_.ring.record(n);
  const auto idle = now - std::max(r.link.heard, r.link.said);
  const bool used = parts_.own.needs(n);
  const bool tells = r.active && parts_.role->tells_use() && used != r.link.told_used;
  if (used && tells) return parts_.probes.send(n);
  if (used || parts_.admission.holds(n) || idle < (choosy_ ? idle_timeout_of_choice : idle_timeout)) return;
  if (!r.link.uses_us) {
    for (const auto& l : parts_.links.of(n)) l->close();  // which tells it, too
  } else if (tells || idle >= silence_max) {
    parts_.probes.send(n);
  }
}

void pastry_links::drop_revoked() {
  std::set<node_id> revoked;
  for (const auto& l : parts_.links.all()) {
    if (parts_.trust.check(l->peer(), parts_.env.wall_now())) continue;
    revoked.insert(l->peer().node());
    l->close();
  }
  const auto records = parts_.ring.records();
  for (const auto& [n, r] : records) {
    if (revoked.contains(n) || parts_.trust.revoked(n)) parts_.failures.fail(n, suspicion::told);
  }
}

}  // namespace phyllo::overlay
