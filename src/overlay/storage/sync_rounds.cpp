#include "storage/sync_rounds.hpp"

namespace phyllo::overlay {

core::awaitable<void> sync_rounds::run(std::shared_ptr<sync_round> round, core::time_point deadline) {
  round->agreed.resize(round->jobs.size());
  round->finished = env_.make_timer();
  round->open = round->plan.size();
  for (const auto& [partner, jobs] : round->plan) tasks_.spawn(sync_with(partner, jobs, round));
  while (round->open > 0 && env_.now() < deadline) {  // each partner's part is bounded by its requests' deadlines, too
    round->finished->set(deadline);
    co_await round->finished->wait();
  }
}

core::awaitable<void> sync_rounds::sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round) {
  for (const auto index : jobs) {
    auto job = round->jobs[index];
    job.push = job.push && (job.view == 0 || share_.sets().has(job.where.first, partner));
    const auto end = co_await exchange_.sync_arc(partner, job);
    if (end == sync_exchange::end::silent) {  // the other arcs are not tried
      note_out_of_reach(partner, jobs, *round);
      break;
    }
    round->agreed[index][partner] = end == sync_exchange::end::agreed;
  }
  if (--round->open == 0) round->finished->cancel();
}

// A suspect that goes on to be one is out of this node's reach alone: it is no more waited for than one that disagrees.
void sync_rounds::note_out_of_reach(const node_id& partner, const std::vector<std::size_t>& jobs, const sync_round& round) {
  const auto* m = share_.sets().find(partner);
  if (m == nullptr || !m->suspect) return;
  for (const auto index : jobs) disagreements_.begin(partner, round.jobs[index].where, env_.now());
}

}  // namespace phyllo::overlay
