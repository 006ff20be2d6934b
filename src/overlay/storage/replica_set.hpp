// set(key), view(key) and the arcs on which they are constant (storage.md), from one snapshot of the ring as a node knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "reload/ring_arc.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class replica_sets {
 public:
  replica_sets() = default;
  // `known`: self and the leaf set; those that are not active do not count. `k` is the size of a set.
  replica_sets(const node_id& self, const std::vector<member>& known, std::size_t leaf_set_size, unsigned k);

  [[nodiscard]] std::vector<member> set(const resource_id& key) const;            // nearest first
  [[nodiscard]] std::vector<member> neighbourhood(const resource_id& key) const;  // the 2k nearest (of a small leaf set fewer)
  [[nodiscard]] std::uint64_t view(const resource_id& key) const { return view_of(set(key)); }
  [[nodiscard]] static std::uint64_t view_of(std::vector<member> members);
  // The view all over an arc, if its set is the same at both ends (and then it is between them).
  [[nodiscard]] std::optional<std::uint64_t> view(const arc& a) const;
  [[nodiscard]] std::optional<node_id> root(const resource_id& key) const;      // nothing: nobody is active
  [[nodiscard]] std::optional<node_id> stand_in(const resource_id& key) const;  // the nearest that is not suspect
  [[nodiscard]] bool has(const resource_id& key, const node_id& node) const;    // node is in set(key)
  [[nodiscard]] bool near(const resource_id& key, const node_id& node) const;   // node is in the neighbourhood
  [[nodiscard]] const member* find(const node_id& node) const;                  // active members only
  [[nodiscard]] std::size_t size() const noexcept { return ring_.size(); }      // active members, self included
  // Where a set begins that differs from the one before; the arcs between are of constant set.
  [[nodiscard]] std::vector<arc> arcs() const;
  // Of these: the node is in the set, and no node beyond the leaf set can be in it.
  [[nodiscard]] std::vector<arc> arcs_of(const node_id& node) const;

 private:
  [[nodiscard]] std::vector<member> nearest(const resource_id& key, std::size_t count) const;
  void find_ends(const std::vector<member>& known, std::size_t half);
  [[nodiscard]] bool certain(const resource_id& key) const;

  std::vector<member> ring_;  // active, in Node-ID order
  std::vector<uint128> positions_;
  node_id self_, left_, right_;  // the ends of the leaf set, unless it is the whole ring
  std::size_t k_ = 1;
  std::size_t near_ = 1;  // size of a neighbourhood: members of the set know each other's only within half a leaf set
  bool whole_ = true;     // all nodes of the ring are known
};

[[nodiscard]] constexpr std::size_t quorum(std::size_t set_size) noexcept { return set_size / 2 + 1; }

// Who is new where, between two snapshots: (node, arc) for each node that is in the set now and was not, or was of
// another incarnation.
[[nodiscard]] std::vector<std::pair<node_id, arc>> newcomers(const replica_sets& before, const replica_sets& after);

}  // namespace phyllo::overlay
