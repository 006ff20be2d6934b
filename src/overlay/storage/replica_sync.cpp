#include "storage/replica_sync.hpp"

#include <algorithm>

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto tick_busy = 250ms;
constexpr auto tick_idle = 5s;
}  // namespace

core::awaitable<void> replica_sync::run() {
  upkeep_.begin();
  auto& alarm = share_.alarm();
  while (!stopping_) {  // ends by cancellation at stop()
    if (!alarm.woken()) {
      const auto until = next_tick();
      co_await alarm.wait_until(until);
    }
    alarm.begin();
    if (share_.state().here().empty() && share_.state().unproven().empty()) disagreements_.clear();
    share_.store().expire(env_.now());
    numbers_.values.set(static_cast<double>(share_.store().size()));
    share_.refresh();
    if (!ring_.active()) continue;
    if (!share_.reading()) co_await sync_own();
    upkeep_.remind();
    co_await upkeep_.repair_late();
    if (share_.reading()) continue;  // others would send what stands in the file
    if (env_.now() >= upkeep_.next_due()) co_await upkeep_.run_due();
  }
}

core::time_point replica_sync::next_tick() const {
  auto when = env_.now() + tick_idle;
  if (!share_.at_rest()) when = env_.now() + tick_busy;
  if (ring_.active() && !share_.reading()) when = std::min(when, upkeep_.next_due());
  return std::max(std::min(when, share_.store().next_expiry().value_or(when)), env_.now() + 10ms);
}

core::awaitable<void> replica_sync::sync_own() {
  if (share_.state().here().empty() && share_.state().unproven().empty()) co_return;
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& share : share_.sets().arcs_of(self)) {
    auto parts = share_.state().here();
    for (const auto& a : share_.state().unproven().arcs()) parts.add(a);
    for (const auto& part : parts.within(share)) {
      const auto index = round->jobs.size();
      round->jobs.push_back({.where = part, .view = share_.sets().view(part.first), .push = true, .pull = true});
      for (const auto& end : {part.first, part.last}) {
        for (const auto& m : share_.sets().neighbourhood(end)) {
          auto& jobs = round->plan[m.node];
          if (m.node != self && (jobs.empty() || jobs.back() != index)) jobs.push_back(index);
        }
      }
    }
  }
  round->plan.erase(self);
  co_await rounds_.run(round, core::time_point::max());
  share_.refresh();
  for (std::size_t i = 0; i < round->jobs.size(); ++i) judge_arc(round->jobs[i].where, round->jobs[i].view, round->agreed[i]);
  // What this node has no certain share in any more needs no syncing; a node alone has nobody to sync with.
  arc_set foreign;
  foreign.add(whole_ring());
  for (const auto& share : share_.sets().arcs_of(self)) foreign.subtract(share);
  for (const auto& a : foreign.arcs()) share_.state().synced_here(a);
  if (share_.sets().size() < 2) share_.state().synced_here(whole_ring());
}

void replica_sync::judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed) {
  if (share_.sets().view(where) != view) return;  // the ring has changed meanwhile: again
  for (const auto& end : {where.first, where.last}) {
    for (const auto& m : share_.sets().neighbourhood(end)) {
      if (m.node == ring_.self()) continue;
      const auto at = agreed.find(m.node);
      if (at == agreed.end() && !m.suspect) return;
      if (at != agreed.end() && at->second) continue;
      if (!disagreements_.lasting(m.node, where, env_.now())) return;
      numbers_.sync_disagreements.add();
    }
  }
  const bool awaited = share_.state().here().intersects(where);
  share_.state().synced_here(where);
  if (awaited) ring_.announce_synced(where.first, where.last, view);
}

}  // namespace phyllo::overlay
