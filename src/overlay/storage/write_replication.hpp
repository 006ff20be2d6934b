// How a write gets from the root to its replicas (storage.md, W 2 to 5): rounds in the view of the moment, until a majority has confirmed
// it. A shell around write_quorum.
#pragma once

#include <vector>

#include "storage/record_reader.hpp"
#include "storage/replica_asker.hpp"
#include "storage/store_rules.hpp"
#include "storage/write_quorum.hpp"

namespace phyllo::overlay {

class write_replication {
 public:
  // All of it outlives this.
  write_replication(const storage_parts& with, const store_rules& rules, replica_asker& asker, record_reader& reader)
      : env_(with.env), self_(with.self), ring_(with.ring), share_(with.share), rules_(rules), asker_(asker), reader_(reader) {}

  // The answer to the writer of these entries, which are held here by now. The ring has just been looked at.
  core::awaitable<message_contents> run(resource_id resource, std::vector<item_key> keys, core::time_point deadline);

 private:
  core::awaitable<write_quorum> round_of(resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  core::awaitable<void> take_newer(node_id from, resource_id resource, std::vector<item_key> keys, core::time_point deadline);

  core::environment& env_;
  const identity::credential& self_;
  surroundings& ring_;
  replica_share& share_;
  const store_rules& rules_;
  replica_asker& asker_;
  record_reader& reader_;
};

}  // namespace phyllo::overlay
