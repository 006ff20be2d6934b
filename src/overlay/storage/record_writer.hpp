// Writes of others (storage.md, W): the root judges, keeps, replicates and waits for a majority; a replica confirms in its own view.
#pragma once

#include <vector>

#include "storage/record_reader.hpp"
#include "storage/replica_asker.hpp"
#include "storage/store_rules.hpp"
#include "storage/write_quorum.hpp"

namespace phyllo::overlay {

class record_writer {
 public:
  record_writer(const storage_parts& with, replica_asker& asker, record_reader& reader)
      : env_(with.env),
        options_(with.options),
        self_(with.self),
        ring_(with.ring),
        share_(with.share),
        rules_(with.env, with.ring, with.share, with.judge, with.metrics),
        asker_(asker),
        reader_(reader) {}

  // The answer to a StoreReq; a RELOAD error is one.
  core::awaitable<message_contents> store(incoming request, request_options o);

 private:
  core::awaitable<message_contents> original_store(incoming request, store_request body, request_options o);
  [[nodiscard]] message_contents replica_store(const incoming& request, const store_request& body, const request_options& o);
  [[nodiscard]] bool responsible_for(const resource_id& resource) const;  // root, or it stands in for one
  core::awaitable<core::status> learn_what_is_held(resource_id resource, std::vector<kind_id> kinds, core::time_point deadline);
  core::awaitable<message_contents> replicate(resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  core::awaitable<write_quorum> replicate_once(resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  core::awaitable<void> take_newer(node_id from, resource_id resource, std::vector<item_key> keys, core::time_point deadline);

  core::environment& env_;
  const storage_options& options_;
  const identity::credential& self_;
  surroundings& ring_;
  replica_share& share_;
  store_rules rules_;
  replica_asker& asker_;
  record_reader& reader_;
};

}  // namespace phyllo::overlay
