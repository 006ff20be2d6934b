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
  while (!stopping_) {  // ends by cancellation at stop()
    if (!woken_) {
      tick_->set(next_tick());
      co_await tick_->wait();
    }
    woken_ = false;
    if (state_.here().empty() && state_.unproven().empty()) disagreeing_since_.clear();  // what was is no part of the next disagreement
    store_.expire(env_.now());
    numbers_.values.set(static_cast<double>(store_.size()));
    refresh();
    if (!ring_.active()) continue;
    if (!reading_) co_await sync_own();
    remind();
    co_await repair_lagging();
    if (reading_) continue;  // others would send what stands in the file
    if (env_.now() >= next_compare_) co_await compare_periodically();
    if (env_.now() >= next_offer_) co_await offer_displaced();
    if (env_.now() >= next_sweep_) co_await drop_displaced();
  }
}

core::time_point storage_node::next_tick() const {
  const bool busy = !state_.here().empty() || !state_.unproven().empty() || !late_.empty() || !state_.to_remind().empty();
  auto when = env_.now() + tick_idle;
  if (busy) when = env_.now() + tick_busy;
  if (ring_.active() && !reading_)
    when = std::min({when, next_compare_, next_sweep_, next_offer_});  // of an ordinary node they are never due
  return std::max(std::min(when, store_.next_expiry().value_or(when)), env_.now() + 10ms);
}

void storage_node::wake() {
  woken_ = true;
  tick_->cancel();
}

core::awaitable<void> storage_node::sync_own() {
  if (state_.here().empty() && state_.unproven().empty()) co_return;
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& share : sets_.arcs_of(self)) {
    auto parts = state_.here();
    for (const auto& a : state_.unproven().arcs()) parts.add(a);
    for (const auto& part : parts.within(share)) {
      const auto index = round->jobs.size();
      round->jobs.push_back({.where = part, .view = sets_.view(part.first), .push = true, .pull = true});
      for (const auto& end : {part.first, part.last}) {
        for (const auto& m : sets_.neighbourhood(end)) {
          auto& jobs = round->plan[m.node];
          if (m.node != self && (jobs.empty() || jobs.back() != index)) jobs.push_back(index);
        }
      }
    }
  }
  round->plan.erase(self);
  co_await run_round(round, core::time_point::max());
  refresh();
  for (std::size_t i = 0; i < round->jobs.size(); ++i) judge_arc(round->jobs[i].where, round->jobs[i].view, round->agreed[i]);
  // What this node has no certain share in any more needs no syncing; a node alone has nobody to sync with.
  arc_set foreign;
  foreign.add(whole_ring());
  for (const auto& share : sets_.arcs_of(self)) foreign.subtract(share);
  for (const auto& a : foreign.arcs()) state_.synced_here(a);
  if (sets_.size() < 2) state_.synced_here(whole_ring());
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
    job.push = job.push && (job.view == 0 || sets_.has(job.where.first, partner));
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
  const auto* m = sets_.find(partner);
  if (m == nullptr || !m->suspect) return;
  for (const auto index : jobs) disagreeing_since_.emplace(std::pair(partner, round.jobs[index].where.first), env_.now());
}

void storage_node::judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed) {
  if (sets_.view(where) != view) return;  // the ring has changed meanwhile: again
  for (const auto& end : {where.first, where.last}) {
    for (const auto& m : sets_.neighbourhood(end)) {
      if (m.node == ring_.self()) continue;
      const auto at = agreed.find(m.node);
      if (at == agreed.end() && !m.suspect) return;
      if (at != agreed.end() && at->second) continue;
      const auto since = disagreeing_since_.find({m.node, where.first});
      if (since == disagreeing_since_.end() || env_.now() < since->second + partition_after) return;
      numbers_.sync_disagreements.add();
    }
  }
  const bool awaited = state_.here().intersects(where);
  state_.synced_here(where);
  if (awaited) ring_.announce_synced(where.first, where.last, view);
}

void storage_node::sync_again(const std::vector<arc>& where) {
  if (where.empty()) return;
  state_.sync_again(where);
  wake();
}
}  // namespace phyllo::overlay
