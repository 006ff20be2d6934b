// Which replicas have not confirmed a write that they were sent, and when each is pushed to again (storage.md, W 6). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class late_replicas {
 public:
  static constexpr core::duration first_repair = std::chrono::seconds(1);
  static constexpr core::duration longest_repair = std::chrono::seconds(45);  // as often as it is compared with
  static constexpr core::duration late_after = std::chrono::seconds(2);       // until then its answer may be on its way

  // A round of a write of `resource` goes to these nodes. Returns the round's number.
  std::uint64_t sent(const std::vector<node_id>& to, const resource_id& resource, core::time_point now);
  // An answer to an earlier round says nothing of the latest.
  void confirmed(const node_id& by, const resource_id& resource, std::uint64_t round);
  // It has taken what is held here now.
  void given(const node_id& to, const resource_id& resource);

  // False from the first round on until keep() has found that all is confirmed.
  [[nodiscard]] bool empty() const noexcept { return late_.empty(); }
  // Of which some replica has not confirmed the latest write in time.
  [[nodiscard]] std::set<resource_id> resources(core::time_point now) const;
  [[nodiscard]] std::vector<node_id> nodes() const;

  // Forgets what is no more to be given to a node.
  void keep(const std::function<bool(const node_id& node, const resource_id& resource)>& wanted);
  // What is to be pushed to this node now, one by one until `take` returns false; the next time is later for each that was taken.
  void each_due(const node_id& at, core::time_point now, const std::function<bool(const resource_id& resource)>& take);

 private:
  struct state {
    core::time_point since, tried;
    core::duration pause;  // before it is tried again
    std::uint64_t round;   // of the latest write
  };
  std::map<node_id, std::map<resource_id, state>> late_;
  std::uint64_t rounds_ = 0;
};

}  // namespace phyllo::overlay
