// The storage of a peer (storage.md): what it serves, what it keeps whole, and what it asks for itself, joined. Also, until they are
// let out, the files storage_sync, storage_exchange and storage_upkeep (S), and storage_saving (section 9).
#pragma once

#include <map>
#include <set>
#include <string>

#include "phyllo/core/task_scope.hpp"
#include "storage/record_client.hpp"
#include "storage/record_log.hpp"
#include "storage/record_server.hpp"
#include "storage/reminders.hpp"
#include "storage/replica_asker.hpp"
#include "storage/replica_share.hpp"
#include "storage/storage.hpp"
#include "storage/storage_metrics.hpp"
#include "storage/sync_message.hpp"
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
  core::awaitable<core::bytes> handle_sync(node_id from, core::bytes sync) override;
  void on_synced(node_id from, resource_id first, resource_id last, std::uint64_t view) override {
    share_.synced(from, {first, last}, view);
  }
  void on_unsynced_here(node_id keeper) override { share_.unsynced_here(keeper); }
  void on_members_changed() override { share_.refresh(); }
  void on_activated() override { share_.activated(); }
  core::awaitable<void> hand_over(core::time_point deadline) override;
  core::awaitable<void> stop() override;

 private:
  // --- storage_sync.cpp
  struct sync_job {
    arc where;
    std::uint64_t view = 0;
    bool push = true;  // the partner is in the set: it gets what it lacks
    bool pull = true;
  };
  struct sync_round {  // one pass over some arcs with all their partners at once
    std::vector<sync_job> jobs;
    std::map<node_id, std::vector<std::size_t>> plan;  // which jobs with whom
    std::vector<std::map<node_id, bool>> agreed;       // by job: who answered, and in the same view throughout
    std::size_t open = 0;
    std::unique_ptr<core::timer> finished;
  };
  core::awaitable<void> sync_loop();
  [[nodiscard]] core::time_point next_tick() const;
  core::awaitable<void> sync_own();
  core::awaitable<void> run_round(std::shared_ptr<sync_round> round, core::time_point deadline);
  core::awaitable<void> sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round);
  void note_out_of_reach(const node_id& partner, const std::vector<std::size_t>& jobs, const sync_round& round);
  void judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed);

  // --- storage_exchange.cpp
  core::awaitable<core::result<sync_answer>> ask_sync(node_id partner, sync_request s);
  enum class sync_end { agreed, disagreed, silent };  // all in the view asked for; in another view; no usable answer
  core::awaitable<sync_end> sync_arc(node_id partner, sync_job job);
  core::awaitable<bool> pull_values(node_id partner, sync_job job, std::vector<item_key> wanted);   // false: not all was given
  core::awaitable<bool> push_values(node_id partner, sync_job job, std::vector<item_key> offered);  // false: not all was taken
  void take_values(const sync_values& v);
  [[nodiscard]] sync_answer answer_sync(const node_id& from, const sync_request& s);

  // --- storage_upkeep.cpp
  void remind();
  core::awaitable<void> repair_lagging();
  core::awaitable<void> compare_periodically();
  core::awaitable<void> offer_displaced();
  core::awaitable<void> drop_displaced();

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

  replica_share share_;
  value_judge judge_;
  record_client client_;
  replica_asker asker_;
  record_server server_;
  std::map<std::pair<node_id, resource_id>, core::time_point> disagreeing_since_;  // by partner and an arc's beginning
  reminders reminders_;
  std::map<resource_id, core::time_point> displaced_;  // held outside set(key), since when
  std::set<resource_id> restored_from_file_;           // and not yet looked at by drop_displaced
  // Of the file: what changed since it was written, what is being written, and what stands in it.
  std::set<resource_id> changed_, saving_;
  std::set<identity::sha256_digest> signers_in_file_;
  std::uint64_t file_bytes_ = 0, rewritten_bytes_ = 0;
  core::time_point saving_at_;
  core::time_point read_until_ = core::time_point::max();
  bool restored_ = false, rewrite_due_ = false;  // asked for
  core::time_point next_reminder_, next_compare_, next_sweep_, next_offer_ = core::time_point::max();
  bool stopping_ = false;
  core::task_scope tasks_;
  core::task_scope reader_;  // of the file: not cancelled but ended in time, for what it has not read could not be written again
};

}  // namespace phyllo::overlay
