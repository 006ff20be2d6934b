// What this node holds, kept between two starts (storage.md, section 9): changes are appended to a record_file every two seconds, and a
// file that has grown for long is written anew.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "phyllo/core/log.hpp"
#include "phyllo/core/task_scope.hpp"
#include "storage/displaced_copies.hpp"
#include "storage/record_log.hpp"
#include "storage/storage_parts.hpp"

namespace phyllo::overlay {

class record_saving {
 public:
  // Without a file it does nothing.
  record_saving(const storage_parts& with, const identity::trust& trust, displaced_copies& displaced, core::logger log)
      : env_(with.env),
        options_(with.options),
        trust_(trust),
        share_(with.share),
        judge_(with.judge),
        metrics_(with.metrics),
        displaced_(displaced),
        log_(std::move(log)),
        writer_(with.env),
        reader_(with.env) {}

  // As of storage.
  void restore();
  core::awaitable<void> save();
  void changed(const resource_id& resource);  // what is held of it

  void cancel() { writer_.cancel(); }
  core::awaitable<void> stop();  // after cancel()

 private:
  core::awaitable<void> read_saved();
  bool take_saved(const saved_value& v, const std::map<identity::sha256_digest, identity::certificate>& signers);
  core::awaitable<void> save_loop();
  core::awaitable<core::status> save_all();
  void print_saved(core::bytes& out, const resource_id& resource, std::set<identity::sha256_digest>& signers) const;
  core::awaitable<core::status> append_changes();
  core::awaitable<core::status> rewrite();

  core::environment& env_;
  const storage_options& options_;
  const identity::trust& trust_;
  replica_share& share_;
  const value_judge& judge_;
  core::metrics& metrics_;
  displaced_copies& displaced_;
  core::logger log_;
  // What changed since the file was written, what is being written, and what stands in it.
  std::set<resource_id> changed_, saving_;
  std::set<identity::sha256_digest> signers_in_file_;
  std::uint64_t file_bytes_ = 0, rewritten_bytes_ = 0;
  core::time_point saving_at_;
  core::time_point read_until_ = core::time_point::max();
  bool restored_ = false, rewrite_due_ = false;  // restored_: it was asked for
  core::task_scope writer_;
  core::task_scope reader_;  // not cancelled but ended in time, for what it has not read could not be written again
};

}  // namespace phyllo::overlay
