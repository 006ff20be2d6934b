// Storage as RELOAD's base protocol has it (RFC 6940 s.7.4, s.10.4): the responsible peer keeps what is stored and stores copies at the
// peers that the topology plug-in names; whoever is responsible answers by what it holds. No quorum, no comparison of replicas.
#pragma once

#include <list>
#include <map>
#include <set>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/replica_places.hpp"
#include "storage/held_watches.hpp"
#include "storage/local_answers.hpp"
#include "storage/record_client.hpp"
#include "storage/storage.hpp"
#include "storage/store_rules.hpp"

namespace phyllo::overlay {

// What it holds, as its places have it.
class copied_records final : public held_records {
 public:
  copied_records(const replica_places& places, const storage_options& options);
  [[nodiscard]] replica_store& store() noexcept override { return store_; }
  [[nodiscard]] const replica_store& store() const noexcept override { return store_; }
  [[nodiscard]] const std::vector<kind>& kinds() const noexcept override { return kinds_; }
  [[nodiscard]] bool is_root(const resource_id& resource) const override { return places_.responsible(resource); }
  [[nodiscard]] bool stands_in(const resource_id& resource) const override { return is_root(resource); }
  [[nodiscard]] std::vector<node_id> other_holders(const resource_id&) const override { return places_.replicas(); }
  [[nodiscard]] std::optional<extension> state_of(const resource_id&, unsigned) const override { return std::nullopt; }
  void use_kinds(std::vector<kind> kinds) { kinds_ = std::move(kinds); }
  [[nodiscard]] std::vector<item_key> entries_of(const resource_id& resource) const;

 private:
  const replica_places& places_;
  std::vector<kind> kinds_;
  replica_store store_;
};

class copied_storage final : public storage {
 public:
  copied_storage(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                 const identity::trust& trust, surroundings& ring, const replica_places& places, core::metrics& metrics);

  [[nodiscard]] record_operations& records() override { return client_; }
  void restore() override {}  // a peer that has been away gets its share by the Stores of a join
  core::awaitable<void> save() override { co_return; }
  [[nodiscard]] storage_counts counts() const override;
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return held_.store().instances(); }
  void use_kinds(std::vector<kind> kinds) override { held_.use_kinds(std::move(kinds)); }

  core::awaitable<message_contents> handle(incoming request) override;
  core::awaitable<void> hold_watch(node_id watcher, message_contents m) override { return watches_.hold(watcher, std::move(m)); }
  core::awaitable<core::bytes> handle_sync(node_id, core::bytes) override { co_return core::bytes(); }
  void on_synced(node_id, resource_id, resource_id, std::uint64_t) override {}
  void on_unsynced_here(node_id) override {}
  void on_members_changed() override { watches_.ring_changed(); }
  void on_activated() override { watches_.ring_changed(); }
  core::awaitable<void> hand_over(core::time_point) override { co_return; }  // who takes over has copies (s.10.9)
  core::awaitable<void> give(node_id to, std::vector<arc> where) override;
  core::awaitable<void> stop() override;

 private:
  // Copies on their way to one node, until all that is held there has gone; what changes meanwhile goes, too.
  struct passing {
    arc_set where;
    std::set<resource_id> left;
  };

  core::awaitable<message_contents> store(incoming request, request_options o);
  core::awaitable<message_contents> original_store(incoming request, store_request body, request_options o);
  [[nodiscard]] message_contents replica_store_request(const incoming& request, const store_request& body);
  [[nodiscard]] message_contents fetch(const incoming& request, const request_options& o) const;
  // The nodes that hold it now, this one included.
  core::awaitable<unsigned> copy(resource_id resource, std::vector<item_key> keys);
  core::awaitable<void> store_at(node_id to, message_contents m, std::shared_ptr<core::mailbox<bool>> done);
  [[nodiscard]] message_contents copy_of(const resource_id& resource, const std::vector<item_key>& keys, std::uint8_t replica_number) const;
  void on_change(const resource_id& resource);
  core::awaitable<void> tidy();
  void drop_displaced();

  core::environment& env_;
  storage_options options_;
  std::shared_ptr<const identity::credential> self_;
  surroundings& ring_;
  const replica_places& places_;
  core::gauge& values_;
  copied_records held_;
  value_judge judge_;
  record_client client_;
  local_answers answers_;
  store_rules rules_;
  held_watches watches_;
  std::list<passing> passing_;
  std::map<resource_id, core::time_point> displaced_;  // held, and not to be kept, since when
  core::task_scope tasks_;
};

}  // namespace phyllo::overlay
