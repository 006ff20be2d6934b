// The storage of a peer (storage.md): what it asks for itself, what it serves, what it keeps whole and what it keeps on disk, joined.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "storage/record_client.hpp"
#include "storage/record_saving.hpp"
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
  storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
               const identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log);

  [[nodiscard]] record_operations& records() override { return client_; }
  void restore() override { saving_.restore(); }
  core::awaitable<void> save() override { return saving_.save(); }
  [[nodiscard]] storage_counts counts() const override { return share_.counts(); }
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return share_.store().instances(); }
  void use_kinds(std::vector<kind> kinds) override { share_.use_kinds(std::move(kinds)); }

  core::awaitable<message_contents> handle(incoming request) override { return server_.handle(std::move(request)); }
  core::awaitable<void> hold_watch(node_id watcher, message_contents m) override { return server_.watches().hold(watcher, std::move(m)); }
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
  storage_options options_;
  std::shared_ptr<const identity::credential> self_;
  storage_metrics numbers_;
  core::task_scope tasks_;
  replica_share share_;
  value_judge judge_;
  storage_parts parts_;
  record_client client_;
  replica_asker asker_;
  record_server server_;
  displaced_copies displaced_;
  disagreements disagreements_;
  sync_exchange exchange_;
  sync_rounds rounds_;
  replica_upkeep upkeep_;
  replica_sync sync_;
  record_saving saving_;
};

}  // namespace phyllo::overlay
