// One arc between two nodes (storage.md, S): comparison by digests, then the values that differ both ways, many a message; and the answers
// to another node that does so.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/disagreements.hpp"
#include "storage/displaced_copies.hpp"
#include "storage/replica_asker.hpp"
#include "storage/sync_message.hpp"

namespace phyllo::overlay {

struct sync_job {
  arc where;
  std::uint64_t view = 0;
  bool push = true;  // the partner is in the set: it gets what it lacks
  bool pull = true;
};

class sync_exchange {
 public:
  sync_exchange(const storage_parts& with, const identity::trust& trust, replica_asker& asker, displaced_copies& displaced,
                disagreements& between)
      : env_(with.env),
        trust_(trust),
        ring_(with.ring),
        share_(with.share),
        judge_(with.judge),
        metrics_(with.metrics),
        asker_(asker),
        displaced_(displaced),
        disagreements_(between) {}

  enum class end { agreed, disagreed, silent };  // all in the view asked for; in another view; no usable answer
  core::awaitable<end> sync_arc(node_id partner, sync_job job);
  core::awaitable<bool> push_values(node_id partner, sync_job job, std::vector<item_key> offered);  // false: not all was taken
  // As of storage_service.
  core::awaitable<core::bytes> handle(node_id from, core::bytes sync);

 private:
  core::awaitable<core::result<sync_answer>> ask(node_id partner, sync_request s);
  core::awaitable<bool> pull_values(node_id partner, sync_job job, std::vector<item_key> wanted);  // false: not all was given
  void take_values(const sync_values& v);
  [[nodiscard]] sync_answer answer_to(const node_id& from, const sync_request& s);

  core::environment& env_;
  const identity::trust& trust_;
  surroundings& ring_;
  replica_share& share_;
  const value_judge& judge_;
  core::metrics& metrics_;
  replica_asker& asker_;
  displaced_copies& displaced_;
  disagreements& disagreements_;
};

}  // namespace phyllo::overlay
