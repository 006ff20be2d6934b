// What this node holds of keys that it has no share in (storage.md, S, displaced copies): when it is offered to those who have, and when
// it goes. Pure.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/time.hpp"
#include "storage/replica_set.hpp"
#include "storage/replica_store.hpp"

namespace phyllo::overlay {

class displaced_copies {
 public:
  // `keep`: the least time that they stay.
  explicit displaced_copies(core::duration keep) : keep_(keep) {}

  [[nodiscard]] core::time_point next_offer() const noexcept { return next_offer_; }
  void offer_at(core::time_point when) noexcept { next_offer_ = when; }
  void offer_by(core::time_point when) noexcept { next_offer_ = std::min(next_offer_, when); }
  void offered() noexcept { next_offer_ = core::time_point::max(); }

  // Read from this node's file. Those responsible may have died with what they held: they are given it at the next look.
  void from_file(const resource_id& resource) { from_file_.insert(resource); }
  [[nodiscard]] std::size_t count_from_file() const noexcept { return from_file_.size(); }

  // A look at all that is held: what has stayed for long enough, by the root that it is to be given to before it goes.
  [[nodiscard]] std::map<node_id, std::vector<item_key>> due(const replica_sets& sets, const replica_store& store, kind_table kinds,
                                                             const node_id& self, core::time_point now);
  void gone(const resource_id& resource) { since_.erase(resource); }

 private:
  core::duration keep_;
  core::time_point next_offer_ = core::time_point::max();
  std::map<resource_id, core::time_point> since_;
  std::set<resource_id> from_file_;  // and not looked at yet
};

}  // namespace phyllo::overlay
