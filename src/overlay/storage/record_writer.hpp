// Writes of others (storage.md, W): the root judges, keeps and has them replicated; a replica confirms in its own view.
#pragma once

#include <vector>

#include "storage/record_reader.hpp"
#include "storage/replica_asker.hpp"
#include "storage/store_rules.hpp"
#include "storage/write_replication.hpp"

namespace phyllo::overlay {

class record_writer {
 public:
  record_writer(const storage_parts& with, replica_asker& asker, record_reader& reader)
      : env_(with.env),
        options_(with.options),
        ring_(with.ring),
        share_(with.share),
        rules_(with.env, with.ring, with.share, with.judge, with.metrics),
        reader_(reader),
        replication_(with, rules_, asker, reader) {}

  // The answer to a StoreReq; a RELOAD error is one.
  core::awaitable<message_contents> store(incoming request, request_options o);

 private:
  [[nodiscard]] message_contents replica_store(const incoming& request, const store_request& body, const request_options& o);
  core::awaitable<core::status> learn_what_is_held(resource_id resource, std::vector<kind_id> kinds, core::time_point deadline);

  core::environment& env_;
  const storage_options& options_;
  const surroundings& ring_;
  replica_share& share_;
  store_rules rules_;
  record_reader& reader_;
  write_replication replication_;
};

}  // namespace phyllo::overlay
