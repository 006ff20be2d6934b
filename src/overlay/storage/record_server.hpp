// Requests of others for records, as they arrive (RFC 6940 s.7.4; storage.md): each goes to who answers it. Watches are held here until
// the state is another (N).
#pragma once

#include "storage/local_answers.hpp"
#include "storage/record_reader.hpp"
#include "storage/record_writer.hpp"
#include "storage/watch_table.hpp"

namespace phyllo::overlay {

class record_server {
 public:
  record_server(const storage_parts& with, replica_asker& asker);

  // As of storage_service.
  core::awaitable<message_contents> handle(incoming request);
  core::awaitable<void> hold_watch(node_id watcher, message_contents m);

  void changed(const resource_id& resource) { watches_.changed(resource); }  // what is held of it
  void ring_changed() { watches_.wake_all(); }                               // another may be the root
  void stop();                                                               // what is watched is answered

 private:
  core::awaitable<message_contents> fetch(incoming request, request_options o);

  core::environment& env_;
  const surroundings& ring_;
  replica_share& share_;
  core::metrics& metrics_;
  local_answers answers_;
  record_reader reader_;
  record_writer writer_;
  watch_table watches_;
  bool stopping_ = false;
};

}  // namespace phyllo::overlay
