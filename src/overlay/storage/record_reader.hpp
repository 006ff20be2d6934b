// Reads of others, at the root (storage.md, R1 and R2): from its store alone where it may, else with as many of the set as make a quorum.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "storage/local_answers.hpp"
#include "storage/read_quorum.hpp"
#include "storage/replica_asker.hpp"

namespace phyllo::overlay {

class record_reader {
 public:
  record_reader(const storage_parts& with, replica_asker& asker, const local_answers& answers)
      : env_(with.env),
        options_(with.options),
        self_(with.self),
        ring_(with.ring),
        share_(with.share),
        judge_(with.judge),
        metrics_(with.metrics),
        degraded_(with.numbers.reads_degraded),
        asker_(asker),
        answers_(answers) {}

  // The answer to a Fetch or Stat, by `code`; a RELOAD error is one.
  core::awaitable<message_contents> read(std::uint16_t code, fetch_request body, request_options o);
  // R2: merges into the store what the set holds. Errors: timed_out.
  core::awaitable<core::status> quorum_read(resource_id resource, std::vector<kind_id> kinds, bool best_will_do, core::time_point deadline);
  // Into the store, from a FetchAns of a replica. Returns what that holds, by Kind and entry; values that are refused left out.
  std::map<core::bytes, version> merge_fetched(const resource_id& resource, const message_contents& m);

 private:
  enum class round_end { quorum, heard_all, open };  // heard_all: whoever is alive has answered, q of the set among them

  [[nodiscard]] bool may_answer_alone(const resource_id& key) const;  // R1
  core::awaitable<round_end> read_round(resource_id resource, std::vector<kind_id> kinds, bool wide, core::time_point deadline);
  [[nodiscard]] std::map<core::bytes, version> holdings(  // by Kind and entry
      const resource_id& resource, const std::vector<kind_id>& kinds) const;
  [[nodiscard]] bool expects_more(const std::set<node_id>& open) const;
  [[nodiscard]] std::vector<node_id> nearest(std::vector<node_id> nodes, std::size_t count) const;  // by round-trip time
  void take_fetched(const node_id& from, const resource_id& resource, const core::result<answer>& got, read_quorum& q);
  core::awaitable<void> write_back(resource_id resource, read_quorum::shortage s, core::time_point deadline);

  core::environment& env_;
  const storage_options& options_;
  const identity::credential& self_;
  const surroundings& ring_;
  replica_share& share_;
  const value_judge& judge_;
  core::metrics& metrics_;
  core::counter& degraded_;
  replica_asker& asker_;
  const local_answers& answers_;
};

}  // namespace phyllo::overlay
