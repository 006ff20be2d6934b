// The storage of a peer (storage.md): what it serves, what it keeps whole, and what it asks for itself, joined; and, in storage_saving,
// what it keeps on disk (section 9).
#pragma once

#include <map>
#include <set>
#include <string>

#include "phyllo/core/task_scope.hpp"
#include "storage/record_client.hpp"
#include "storage/record_log.hpp"
#include "storage/record_server.hpp"
#include "storage/replica_asker.hpp"
#include "storage/replica_share.hpp"
#include "storage/replica_sync.hpp"
#include "storage/storage.hpp"
#include "storage/storage_metrics.hpp"
#include "storage/value_judge.hpp"

namespace phyllo::overlay {

class storage_node final : public storage {
 public:
  storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self, identity::trust& trust,
               surroundings& ring, core::metrics& metrics, core::logger log);

  [[nodiscard]] record_operations& records() override { return client_; }
  void restore() override;
  core::awaitable<void> save() override;
  [[nodiscard]] storage_counts counts() const override { return share_.counts(); }
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return share_.store().instances(); }
  void use_kinds(std::vector<kind> kinds) override { share_.use_kinds(std::move(kinds)); }

  core::awaitable<message_contents> handle(incoming request) override { return server_.handle(std::move(request)); }
  core::awaitable<void> hold_watch(node_id watcher, message_contents m) override { return server_.hold_watch(watcher, std::move(m)); }
  core::awaitable<core::bytes> handle_sync(node_id from, core::bytes sync) override { return exchange_.handle(from, std::move(sync)); }
  void on_synced(node_id from, resource_id first, resource_id last, std::uint64_t view) override {
    share_.synced(from, {first, last}, view);
  }
  void on_unsynced_here(node_id keeper) override { share_.unsynced_here(keeper); }
  void on_members_changed() override { share_.refresh(); }
  void on_activated() override { share_.activated(); }
  core::awaitable<void> hand_over(core::time_point deadline) override { return upkeep_.hand_over(deadline); }
  core::awaitable<void> stop() override;

 private:
  // --- storage_saving.cpp
  core::awaitable<void> read_saved();
  bool take_saved(const saved_value& v, const std::map<identity::sha256_digest, identity::certificate>& signers);
  core::awaitable<void> save_loop();
  core::awaitable<core::status> save_all();
  void print_saved(core::bytes& out, const resource_id& resource, std::set<identity::sha256_digest>& signers) const;
  core::awaitable<core::status> append_changes();
  core::awaitable<core::status> rewrite();

  core::environment& env_;
  storage_options options_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  surroundings& ring_;
  core::metrics& metrics_;
  core::logger log_;
  storage_metrics numbers_;

  core::task_scope tasks_;
  replica_share share_;
  value_judge judge_;
  record_client client_;
  replica_asker asker_;
  record_server server_;
  displaced_copies displaced_;
  disagreements disagreements_;
  sync_exchange exchange_;
  sync_rounds rounds_;
  replica_upkeep upkeep_;
  replica_sync sync_;
  // Of the file: what changed since it was written, what is being written, and what stands in it.
  std::set<resource_id> changed_, saving_;
  std::set<identity::sha256_digest> signers_in_file_;
  std::uint64_t file_bytes_ = 0, rewritten_bytes_ = 0;
  core::time_point saving_at_;
  core::time_point read_until_ = core::time_point::max();
  bool restored_ = false, rewrite_due_ = false;  // asked for
  bool stopping_ = false;
  core::task_scope reader_;  // of the file: not cancelled but ended in time, for what it has not read could not be written again
};

}  // namespace phyllo::overlay
