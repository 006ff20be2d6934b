// Watches that this node holds for others as the root of what they watch (storage.md, N): a Fetch is answered once the state is another.
#pragma once

#include "phyllo/core/metrics.hpp"
#include "storage/local_answers.hpp"
#include "storage/storage.hpp"
#include "storage/watch_table.hpp"

namespace phyllo::overlay {

class held_watches {
 public:
  // All of it outlives this.
  held_watches(core::environment& env, const surroundings& ring, const held_records& held, const local_answers& answers,
               const storage_options& options, core::metrics& metrics);

  // As storage_service::hold_watch.
  core::awaitable<void> hold(node_id watcher, message_contents m);
  void changed(const resource_id& resource) { watches_.changed(resource); }  // what is held of it
  void ring_changed() { watches_.wake_all(); }                               // another may be the root
  void stop();                                                               // what is watched is answered

 private:
  core::environment& env_;
  const surroundings& ring_;
  const held_records& held_;
  const local_answers& answers_;
  core::metrics& metrics_;
  watch_table watches_;
  bool stopping_ = false;
};

}  // namespace phyllo::overlay
