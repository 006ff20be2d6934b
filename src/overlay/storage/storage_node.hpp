// The shell of replicated storage: awaits around replica_store, replica_sets, sync_state and the two quorums. One class, a file
// for each part: storage_node (ring and state), storage_answer (what the store alone answers), storage_write (W), storage_read
// (R1, R2), storage_sync, storage_exchange and storage_upkeep (S), storage_watch (N), storage_api.
#pragma once

#include <map>
#include <set>
#include <string>

#include "kinds/access_policy.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/read_quorum.hpp"
#include "storage/record_log.hpp"
#include "storage/reminders.hpp"
#include "storage/seldom_made.hpp"
#include "storage/storage.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"
#include "storage/sync_state.hpp"
#include "storage/watch_table.hpp"
#include "storage/write_quorum.hpp"

namespace phyllo::overlay {

class storage_node final : public storage {
 public:
  storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self, identity::trust& trust,
               surroundings& ring, core::metrics& metrics, core::logger log);

  core::awaitable<core::result<outcome>> get(name n, read_options o) override;
  core::awaitable<core::result<outcome>> add(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> update(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> remove(name n, write_options o) override;
  core::awaitable<core::result<outcome>> watch(name n, watch_options o) override;
  void restore() override;
  core::awaitable<void> save() override;
  core::awaitable<core::result<outcome>> store_entry(kind_id kind, resource_id resource, kind_entry e, std::chrono::seconds lifetime,
                                                     core::duration timeout) override;
  core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(kind_id kind, resource_id resource, core::duration timeout) override;
  core::awaitable<core::result<resource_id>> find_resource(kind_id kind, resource_id near, core::duration timeout) override;
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
  void note_confirmed(const node_id& from, const resource_id& resource, std::uint64_t round);
  [[nodiscard]] arrivals make_arrivals(std::size_t nodes) const { return std::make_shared<core::mailbox<arrival>>(env_, nodes); }
  // One message to each; what comes back goes into the box, until the deadline. Late answers to the latest write still clear `lagging_`.
  void ask_each(const arrivals& into, std::vector<node_id> nodes, message_contents m, core::time_point deadline,
                const resource_id& resource, std::uint64_t round = 0);

  // --- storage_answer.cpp
  [[nodiscard]] core::result<identity::certificate> signer_of(const stored_data& d, const certificates& carried) const;
  // This very value; null: it is not held.
  [[nodiscard]] const held_value* held(const resource_id& resource, kind_id kind, const stored_data& d) const;
  // Everything of a value; cheap if the same is held.
  [[nodiscard]] core::result<identity::certificate> judge(const kind& k, const resource_id& resource, const stored_data& d,
                                                          const certificates& carried) const;
  [[nodiscard]] core::result<identity::certificate> judge_held(const held_value& i) const;
  // The same of a value that is read and not kept: its owner must see what it is to remove, of whatever time.
  [[nodiscard]] core::result<identity::certificate> judge_signed(const kind& k, const resource_id& resource, const stored_data& d,
                                                                 const certificates& carried) const;
  [[nodiscard]] static message_contents unknown_kinds(const std::vector<kind_id>& kinds);
  [[nodiscard]] message_contents find(const incoming& request) const;
  // What the store holds of what is asked for, in FetchAns or StatAns.
  [[nodiscard]] message_contents local_answer(std::uint16_t code, const fetch_request& request) const;
  [[nodiscard]] std::set<resource_id> lagging_resources() const;
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
  [[nodiscard]] bool too_early(const item_key& at, const stored_data& d, std::uint64_t ahead_ms) const;
  // Nobody else would take it. Its owner need not follow what it has written so: that gives way to what it writes with the right time.
  [[nodiscard]] bool of_a_time_to_come(const stored_data& d) const { return d.storage_time > order().latest; }
  [[nodiscard]] version_order order() const;  // by a clock that others agree with
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

  // --- storage_api.cpp
  core::awaitable<core::result<answer>> ask_root(resource_id key, message_contents m, core::time_point deadline);
  core::awaitable<core::result<outcome>> store_as_asked(name n, record r, std::chrono::seconds lifetime, write_options o, bool if_absent);
  core::awaitable<core::result<answer>> store_until_answered(resource_id key, message_contents m, core::time_point deadline);
  [[nodiscard]] core::result<resource_key> key_for(const name& n, const record& r, const write_options& o) const;
  [[nodiscard]] core::result<stored_data> make_value(const resource_key& key, record r, std::uint32_t lifetime, std::uint64_t at) const;
  static constexpr std::uint64_t ahead_max_ms = 60'000;  // of what is written anew: its storage time, of the root's clock
  // After what is stored, and by the own clock, as far as the root's allows it.
  struct time_bounds {
    std::uint64_t stored = 0;
    std::uint64_t root_clock = ~std::uint64_t{0};  // said by one that found ours ahead
    bool followed = false;                         // what stands was followed
    bool lets_go = false;                          // a root would not have that: what is of a time to come gives way there
    void stands(std::uint64_t at) noexcept { stored = lets_go ? 0 : at; }
  };
  [[nodiscard]] std::uint64_t next_storage_time(time_bounds& b);
  // Whether another storage time may do: an error of ours that says so, which sets the bounds.
  [[nodiscard]] bool another_time_may_do(const error_response& e, time_bounds& b) const;
  struct fetched {
    outcome result;
    std::vector<std::pair<stored_data, identity::certificate>> values;  // believed, tombstones included
  };
  core::awaitable<core::result<fetched>> fetch_all(name n, bool quorum, core::time_point deadline);
  [[nodiscard]] core::result<fetched> believed(const name& n, const answer& got, core::time_point started);
  [[nodiscard]] outcome outcome_with_values(fetched all) const;
  [[nodiscard]] outcome outcome_of(const resource_id& key, const answer& a, core::time_point started) const;

  // --- storage_watch.cpp
  [[nodiscard]] state_digest live_digest(const fetch_request& request) const;
  void leave_out_what_is_seen(message_contents& m, const fetch_request& request, const watch_request& w) const;
  core::awaitable<core::result<std::optional<outcome>>> ask_for_change(name n, state_digest seen, core::time_point deadline);

  // --- storage_entries.cpp
  [[nodiscard]] core::result<stored_data> make_entry(const kind& k, const resource_id& resource, const kind_entry& e,
                                                     std::uint32_t lifetime, std::uint64_t at) const;
  [[nodiscard]] std::vector<kind_value> believed(const fetch_answer& a, kind_id id, const resource_id& resource,
                                                 const certificates& carried);

  core::environment& env_;
  storage_options options_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  surroundings& ring_;
  core::metrics& metrics_;
  core::logger log_;
  core::counter& reads_degraded_;
  core::counter& sync_disagreements_;
  core::counter& sync_reminders_;
  core::gauge& records_;

  std::vector<kind> kinds_;
  watch_table watches_;
  replica_store store_;
  replica_sets sets_;
  std::vector<member> known_;  // what sets_ was made of
  sync_state state_;
  std::map<std::pair<node_id, std::uint64_t>, core::time_point> confirmed_;  // by whom, of which view, when last
  static constexpr core::duration first_repair = std::chrono::seconds(1);
  struct late_replica {
    core::time_point since, tried;
    core::duration pause;  // before it is tried again
    std::uint64_t round;   // of the latest write
  };
  std::map<node_id, std::map<resource_id, late_replica>> lagging_;  // replicas that have not confirmed a write
  std::uint64_t write_rounds_ = 0;
  std::map<std::pair<node_id, resource_id>, core::time_point> disagreeing_since_;  // by partner and an arc's beginning
  reminders reminders_;
  std::map<node_id, core::time_point> reconciled_;     // when this node last asked for it
  std::map<resource_id, core::time_point> displaced_;  // held outside set(key), since when
  std::set<resource_id> restored_from_file_;           // and not yet looked at by drop_displaced
  std::uint64_t last_storage_time_ = 0;
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
