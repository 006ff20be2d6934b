// The shell of replicated storage: awaits around replica_store, replica_sets, sync_state and the two quorums. One class, a file
// for each part: storage_node (ring and state), storage_answer (what the store alone answers), storage_write (W), storage_read
// (R1, R2), storage_sync, storage_exchange and storage_upkeep (S), storage_watch (N).
#pragma once

#include <map>
#include <set>
#include <string>

#include "kinds/access_policy.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/late_replicas.hpp"
#include "storage/read_quorum.hpp"
#include "storage/record_client.hpp"
#include "storage/record_log.hpp"
#include "storage/reminders.hpp"
#include "storage/seldom_made.hpp"
#include "storage/storage.hpp"
#include "storage/storage_metrics.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"
#include "storage/sync_state.hpp"
#include "storage/value_judge.hpp"
#include "storage/watch_table.hpp"
#include "storage/write_quorum.hpp"

namespace phyllo::overlay {

class storage_node final : public storage {
 public:
  storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self, identity::trust& trust,
               surroundings& ring, core::metrics& metrics, core::logger log);

  [[nodiscard]] record_operations& records() override { return client_; }
  void restore() override;
  core::awaitable<void> save() override;
  [[nodiscard]] storage_counts counts() const override;
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return store_.instances(); }
  void use_kinds(std::vector<kind> kinds) override { kinds_ = std::move(kinds); }

  core::awaitable<message_contents> handle(incoming request) override;
  core::awaitable<void> hold_watch(node_id watcher, message_contents m) override;
  core::awaitable<core::bytes> handle_sync(node_id from, core::bytes sync) override;
  void on_synced(node_id from, resource_id first, resource_id last, std::uint64_t view) override;
  void on_unsynced_here(node_id keeper) override;
  void on_members_changed() override;
  void on_activated() override;
  core::awaitable<void> hand_over(core::time_point deadline) override;
  core::awaitable<void> stop() override;

 private:
  using certificates = std::vector<identity::certificate>;
  struct arrival {
    node_id from;
    core::result<answer> got;
  };
  using arrivals = std::shared_ptr<core::mailbox<arrival>>;

  // --- storage_node.cpp
  void refresh();                                                                             // the ring as it is now
  [[nodiscard]] extension state_of(const resource_id& resource, unsigned holders = 0) const;  // F004
  void note_state(const node_id& from, const resource_id& resource, const message_contents& m);
  [[nodiscard]] arrivals make_arrivals(std::size_t nodes) const { return std::make_shared<core::mailbox<arrival>>(env_, nodes); }
  // One message to each; what comes back goes into the box, until the deadline. A late answer to the latest write still counts.
  void ask_each(const arrivals& into, std::vector<node_id> nodes, message_contents m, core::time_point deadline,
                const resource_id& resource, std::uint64_t round = 0);

  // --- storage_answer.cpp
  [[nodiscard]] static message_contents unknown_kinds(const std::vector<kind_id>& kinds);
  [[nodiscard]] message_contents find(const incoming& request) const;
  // What the store holds of what is asked for, in FetchAns or StatAns.
  [[nodiscard]] message_contents local_answer(std::uint16_t code, const fetch_request& request) const;
  [[nodiscard]] storage_counts count(const std::set<resource_id>& lagging) const;
  [[nodiscard]] std::optional<std::uint32_t> array_end(const resource_id& resource, kind_id kind) const;  // the final element's index
  [[nodiscard]] fetch_kind_response held_of(const fetch_request& request, const data_specifier& asked) const;

  // --- storage_write.cpp
  core::awaitable<message_contents> store(incoming request, request_options o);
  core::awaitable<message_contents> original_store(incoming request, store_request body, request_options o);
  [[nodiscard]] bool responsible_for(const resource_id& resource) const;  // root, or it stands in for one
  core::awaitable<core::status> learn_state(resource_id resource, std::vector<kind_id> kinds, core::time_point deadline);
  [[nodiscard]] message_contents replica_store_request(const incoming& request, const store_request& body, const request_options& o);
  [[nodiscard]] std::optional<message_contents> judge_all(const incoming& request, const store_request& body, bool original,
                                                          certificates& signers) const;
  [[nodiscard]] std::optional<message_contents> conditions(const store_request& body, const request_options& o) const;
  void place_appended(store_request& body) const;
  bool take_all(const store_request& body, const certificates& signers);  // true: something changed
  [[nodiscard]] message_contents replica_message(const resource_id& resource, const std::vector<item_key>& keys,
                                                 std::optional<std::uint64_t> view, std::uint8_t replica_number) const;
  core::awaitable<message_contents> replicate(resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  core::awaitable<write_quorum> replicate_once(resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  core::awaitable<void> take_newer(node_id from, resource_id resource, std::vector<item_key> keys, core::time_point deadline);
  [[nodiscard]] message_contents too_old(const resource_id& resource, const std::vector<item_key>& keys) const;
  [[nodiscard]] message_contents store_answer_for(const resource_id& resource, const std::vector<item_key>& keys, unsigned holders) const;

  // --- storage_read.cpp
  core::awaitable<message_contents> fetch(incoming request, request_options o);
  core::awaitable<message_contents> read_values(std::uint16_t code, fetch_request body, request_options o);
  [[nodiscard]] bool may_answer_alone(const resource_id& key) const;  // R1
  // R2: merges into the store what the set holds. Errors: timed_out.
  core::awaitable<core::status> quorum_read(resource_id resource, std::vector<kind_id> kinds, bool best_will_do, core::time_point deadline);
  enum class round_end { quorum, heard_all, open };  // heard_all: whoever is alive has answered, q of the set among them
  core::awaitable<round_end> read_round(resource_id resource, std::vector<kind_id> kinds, bool wide, core::time_point deadline);
  [[nodiscard]] std::map<core::bytes, version> holdings(  // by Kind and entry
      const resource_id& resource, const std::vector<kind_id>& kinds) const;
  [[nodiscard]] message_contents replica_fetch(const resource_id& resource, const std::vector<kind_id>& kinds, std::uint64_t view) const;
  [[nodiscard]] bool expects_more(const std::set<node_id>& open) const;
  [[nodiscard]] std::vector<node_id> nearest(std::vector<node_id> nodes, std::size_t count) const;  // by round-trip time
  void take_fetched(const node_id& from, const resource_id& resource, const core::result<answer>& got, phyllo::overlay::read_quorum& q);
  std::map<core::bytes, version> merge_fetched(  // by Kind and entry
      const resource_id& resource, const message_contents& m);
  core::awaitable<void> write_back(resource_id resource, phyllo::overlay::read_quorum::shortage s, core::time_point deadline);

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
  void wake();
  core::awaitable<void> sync_own();
  core::awaitable<void> run_round(std::shared_ptr<sync_round> round, core::time_point deadline);
  core::awaitable<void> sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round);
  void note_out_of_reach(const node_id& partner, const std::vector<std::size_t>& jobs, const sync_round& round);
  void judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed);
  void sync_again(const std::vector<arc>& where);

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

  // --- storage_watch.cpp
  [[nodiscard]] state_digest live_digest(const fetch_request& request) const;
  void leave_out_what_is_seen(message_contents& m, const fetch_request& request, const watch_request& w) const;

  core::environment& env_;
  storage_options options_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  surroundings& ring_;
  core::metrics& metrics_;
  core::logger log_;
  storage_metrics numbers_;

  std::vector<kind> kinds_;
  watch_table watches_;
  replica_store store_;
  value_judge judge_;
  record_client client_;
  replica_sets sets_;
  std::vector<member> known_;  // what sets_ was made of
  sync_state state_;
  std::map<std::pair<node_id, std::uint64_t>, core::time_point> confirmed_;  // by whom, of which view, when last
  late_replicas late_;
  std::map<std::pair<node_id, resource_id>, core::time_point> disagreeing_since_;  // by partner and an arc's beginning
  reminders reminders_;
  std::map<node_id, core::time_point> reconciled_;     // when this node last asked for it
  std::map<resource_id, core::time_point> displaced_;  // held outside set(key), since when
  std::set<resource_id> restored_from_file_;           // and not yet looked at by drop_displaced
  // Of the file: what changed since it was written, what is being written, and what stands in it.
  std::set<resource_id> changed_, saving_;
  std::set<identity::sha256_digest> signers_in_file_;
  std::uint64_t file_bytes_ = 0, rewritten_bytes_ = 0;
  core::time_point saving_at_;
  core::time_point read_until_ = core::time_point::max();
  bool restored_ = false, reading_ = false, rewrite_due_ = false;  // asked for; not at its end
  core::time_point next_reminder_, next_compare_, next_sweep_, next_offer_ = core::time_point::max();
  mutable seldom_made<storage_counts> counted_;
  bool stopping_ = false;
  bool woken_ = false;  // since the loop last began: it does not wait
  std::unique_ptr<core::timer> tick_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // late answers ask whether this is still there
  core::task_scope tasks_;
  core::task_scope reader_;  // of the file: not cancelled but ended in time, for what it has not read could not be written again
};

}  // namespace phyllo::overlay
