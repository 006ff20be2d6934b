// Requests of others for records, as they arrive (RFC 6940 s.7.4; storage.md): each goes to who answers it. Watches are held here until
// the state is another (N).
#pragma once

#include "storage/held_watches.hpp"
#include "storage/local_answers.hpp"
#include "storage/record_reader.hpp"
#include "storage/record_writer.hpp"

namespace phyllo::overlay {

class record_server {
 public:
  record_server(const storage_parts& with, replica_asker& asker);

  // As of storage_service.
  core::awaitable<message_contents> handle(incoming request);
  [[nodiscard]] held_watches& watches() noexcept { return watches_; }

 private:
  core::awaitable<message_contents> fetch(incoming request, request_options o);

  replica_share& share_;
  local_answers answers_;
  record_reader reader_;
  record_writer writer_;
  held_watches watches_;
};

}  // namespace phyllo::overlay
