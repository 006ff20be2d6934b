// Sync (storage.md, S): an entrant compares its arcs with the neighbourhood and exchanges what differs, many values a
// message.
#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto tick_busy = 250ms;
constexpr auto tick_idle = 5s;
constexpr auto partition_after = 10s;  // of disagreement: data flow, and the partner is waited for no longer
}  // namespace

core::awaitable<void> storage_node::sync_loop() {
  next_compare_ = env_.now() + options_.compare_every;
  next_sweep_ = env_.now() + options_.sweep_every;
  auto& alarm = share_.alarm();
  while (!stopping_) {  // ends by cancellation at stop()
    if (!alarm.woken()) {
      const auto until = next_tick();
      co_await alarm.wait_until(until);
    }
    alarm.begin();
    if (share_.state().here().empty() && share_.state().unproven().empty())
      disagreeing_since_.clear();  // what was is no part of the next disagreement
    share_.store().expire(env_.now());
    numbers_.values.set(static_cast<double>(share_.store().size()));
    share_.refresh();
    if (!ring_.active()) continue;
    if (!share_.reading()) co_await sync_own();
    remind();
    co_await repair_lagging();
    if (share_.reading()) continue;  // others would send what stands in the file
    if (env_.now() >= next_compare_) co_await compare_periodically();
    if (env_.now() >= next_offer_) co_await offer_displaced();
    if (env_.now() >= next_sweep_) co_await drop_displaced();
  }
}

core::time_point storage_node::next_tick() const {
  auto when = env_.now() + tick_idle;
  if (!share_.at_rest()) when = env_.now() + tick_busy;
  if (ring_.active() && !share_.reading()) when = std::min({when, next_compare_, next_sweep_, next_offer_});
  return std::max(std::min(when, share_.store().next_expiry().value_or(when)), env_.now() + 10ms);
}

core::awaitable<void> storage_node::sync_own() {
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
  co_await run_round(round, core::time_point::max());
  share_.refresh();
  for (std::size_t i = 0; i < round->jobs.size(); ++i) judge_arc(round->jobs[i].where, round->jobs[i].view, round->agreed[i]);
  // What this node has no certain share in any more needs no syncing; a node alone has nobody to sync with.
  arc_set foreign;
  foreign.add(whole_ring());
  for (const auto& share : share_.sets().arcs_of(self)) foreign.subtract(share);
  for (const auto& a : foreign.arcs()) share_.state().synced_here(a);
  if (share_.sets().size() < 2) share_.state().synced_here(whole_ring());
}

core::awaitable<void> storage_node::run_round(std::shared_ptr<sync_round> round, core::time_point deadline) {
  round->agreed.resize(round->jobs.size());
  round->finished = env_.make_timer();
  round->open = round->plan.size();
  for (const auto& [partner, jobs] : round->plan) tasks_.spawn(sync_with(partner, jobs, round));
  while (round->open > 0 && env_.now() < deadline) {  // each partner's part is bounded by its requests' deadlines, too
    round->finished->set(deadline);
    co_await round->finished->wait();
  }
}

core::awaitable<void> storage_node::sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round) {
  for (const auto index : jobs) {
    auto job = round->jobs[index];
    job.push = job.push && (job.view == 0 || share_.sets().has(job.where.first, partner));
    const auto end = co_await sync_arc(partner, job);
    if (end == sync_end::silent) {  // the other arcs are not tried
      note_out_of_reach(partner, jobs, *round);
      break;
    }
    round->agreed[index][partner] = end == sync_end::agreed;
  }
  if (--round->open == 0) round->finished->cancel();
}

// A suspect that goes on to be one is out of this node's reach alone: it is no more waited for than one that disagrees.
void storage_node::note_out_of_reach(const node_id& partner, const std::vector<std::size_t>& jobs, const sync_round& round) {
  const auto* m = share_.sets().find(partner);
  if (m == nullptr || !m->suspect) return;
  for (const auto index : jobs) disagreeing_since_.emplace(std::pair(partner, round.jobs[index].where.first), env_.now());
}

void storage_node::judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed) {
  if (share_.sets().view(where) != view) return;  // the ring has changed meanwhile: again
  for (const auto& end : {where.first, where.last}) {
    for (const auto& m : share_.sets().neighbourhood(end)) {
      if (m.node == ring_.self()) continue;
      const auto at = agreed.find(m.node);
      if (at == agreed.end() && !m.suspect) return;
      if (at != agreed.end() && at->second) continue;
      const auto since = disagreeing_since_.find({m.node, where.first});
      if (since == disagreeing_since_.end() || env_.now() < since->second + partition_after) return;
      numbers_.sync_disagreements.add();
    }
  }
  const bool awaited = share_.state().here().intersects(where);
  share_.state().synced_here(where);
  if (awaited) ring_.announce_synced(where.first, where.last, view);
}

}  // namespace phyllo::overlay
