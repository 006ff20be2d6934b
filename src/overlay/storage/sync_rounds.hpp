// Passes over some arcs with all their partners at once (storage.md, S).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "storage/sync_exchange.hpp"

namespace phyllo::overlay {

struct sync_round {
  std::vector<sync_job> jobs;
  std::map<node_id, std::vector<std::size_t>> plan;  // which jobs with whom
  std::vector<std::map<node_id, bool>> agreed;       // by job: who answered, and in the same view throughout
  std::size_t open = 0;
  std::unique_ptr<core::timer> finished;
};

class sync_rounds {
 public:
  // `tasks` joins what run() spawns.
  sync_rounds(const storage_parts& with, sync_exchange& exchange, disagreements& between, core::task_scope& tasks)
      : env_(with.env), share_(with.share), exchange_(exchange), disagreements_(between), tasks_(tasks) {}

  // Returns when all partners are done, or at the deadline; `agreed` then has what they have said so far.
  core::awaitable<void> run(std::shared_ptr<sync_round> round, core::time_point deadline);

 private:
  core::awaitable<void> sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round);
  void note_out_of_reach(const node_id& partner, const std::vector<std::size_t>& jobs, const sync_round& round);

  core::environment& env_;
  const replica_share& share_;
  sync_exchange& exchange_;
  disagreements& disagreements_;
  core::task_scope& tasks_;
};

}  // namespace phyllo::overlay
