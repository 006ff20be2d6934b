// This node's share of the overlay's records (storage.md, sections 1 and 5): what it holds and for whom, by the ring as it is seen now;
// where that is yet to be compared, and with whom it is yet to be shared.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "kinds/kind.hpp"
#include "reload/surroundings.hpp"
#include "storage/held_records.hpp"
#include "storage/late_replicas.hpp"
#include "storage/replica_set.hpp"
#include "storage/replica_store.hpp"
#include "storage/seldom_made.hpp"
#include "storage/storage.hpp"
#include "storage/sync_alarm.hpp"
#include "storage/sync_state.hpp"

namespace phyllo::overlay {

class replica_share final : public held_records {
 public:
  // References outlive it.
  replica_share(core::environment& env, const surroundings& ring, const storage_options& options);

  // The ring as it is now.
  void refresh();
  // Told when that has changed, before the alarm rings. `members`: other nodes than before, of a ring that this node is active in;
  // else suspects only, who are members all the while.
  using change_handler = std::function<void(bool members)>;
  void on_change(change_handler h) { changed_ = std::move(h); }

  // As of storage_service.
  void activated();
  void synced(const node_id& who, const arc& where, std::uint64_t view);
  void unsynced_here(const node_id& keeper);
  // Somebody holds this node for unsynced there.
  void sync_again(const std::vector<arc>& where);

  // held_records
  [[nodiscard]] replica_store& store() noexcept override { return store_; }
  [[nodiscard]] const replica_store& store() const noexcept override { return store_; }
  [[nodiscard]] const std::vector<kind>& kinds() const noexcept override { return kinds_; }
  [[nodiscard]] bool is_root(const resource_id& resource) const override { return sets_.root(resource) == ring_.self(); }
  [[nodiscard]] bool stands_in(const resource_id& resource) const override { return sets_.stand_in(resource) == ring_.self(); }
  [[nodiscard]] std::vector<node_id> other_holders(const resource_id& resource) const override;
  [[nodiscard]] std::optional<extension> state_of(const resource_id& resource, unsigned holders = 0) const override;  // F004

  [[nodiscard]] const replica_sets& sets() const noexcept { return sets_; }
  [[nodiscard]] bool knows(const node_id& n) const;  // in the leaf set, active or not
  [[nodiscard]] sync_state& state() noexcept { return state_; }
  [[nodiscard]] const sync_state& state() const noexcept { return state_; }
  [[nodiscard]] late_replicas& late() noexcept { return late_; }
  [[nodiscard]] sync_alarm& alarm() noexcept { return alarm_; }
  void use_kinds(std::vector<kind> kinds) { kinds_ = std::move(kinds); }
  // Its file is still read: it may hold less than it has confirmed.
  [[nodiscard]] bool reading() const noexcept { return reading_; }
  void set_reading(bool reading) noexcept { reading_ = reading; }

  [[nodiscard]] storage_counts counts() const;
  [[nodiscard]] bool at_rest() const;  // nothing is to be compared or shared

 private:
  [[nodiscard]] storage_counts count(const std::set<resource_id>& late) const;

  core::environment& env_;
  const surroundings& ring_;
  unsigned replicas_;
  std::vector<kind> kinds_;
  replica_store store_;
  replica_sets sets_;
  std::vector<member> known_;  // what sets_ was made of
  sync_state state_;
  late_replicas late_;
  sync_alarm alarm_;
  change_handler changed_;
  mutable seldom_made<storage_counts> counted_;
  bool reading_ = false;
};

}  // namespace phyllo::overlay
