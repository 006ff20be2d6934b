// What other nodes have told of failures: whom they call failed, who knows it by now, and whom this node tells when it has found the same
// (specification of the Pastry plug-in, peer failure). Pure.
#pragma once

#include <chrono>
#include <set>
#include <vector>

#include "pastry/failure_detector.hpp"
#include "pastry/leaf_set.hpp"
#include "pastry/leaf_set_state.hpp"
#include "phyllo/core/bounded_map.hpp"

namespace phyllo::overlay {

// Of a member of L that others have found failed.
struct failure_rumour {
  std::set<node_id> informed;  // have said so, or were told
  bool spread = false;         // by one that had it in its leaf set, and has told the others
  node_id named_by;            // the last one, and whom it named beside it
  std::vector<node_id> names;
  place_list places;
};

class failure_rumours {
 public:
  static constexpr std::size_t rumours_max = 64;
  static constexpr std::size_t refuted_max = 1024;
  static constexpr std::size_t informed_max = 512;  // honest words name the same neighbours again; a liar's would go on without end
  // After a partition both halves name each other's nodes failed, and each answer would start the next question.
  static constexpr core::duration refuted_for = std::chrono::seconds(30);

  // The keys are random, and secret.
  failure_rumours(const core::hash_key& of_rumours, const core::hash_key& of_refuted, core::counter& evictions)
      : rumours_(rumours_max, of_rumours, &evictions), refuted_(refuted_max, of_refuted) {}

  // `from` calls `n` failed, and `theirs` is its leaf set.
  void hear(const node_id& n, const node_id& from, const leaf_set_state& s, const leaf_set& theirs);
  // It was found alive when it was asked for a rumour's sake: no rumour of it counts for a while.
  void refute(const node_id& n, core::time_point now);
  [[nodiscard]] bool refuted(const node_id& n, core::time_point now) const;
  // It has failed: what was heard of it, which is forgotten. Nothing was: an empty one.
  [[nodiscard]] failure_rumour take(const node_id& n);
  void forget_old(core::time_point now);

 private:
  core::bounded_map<node_id, failure_rumour> rumours_;
  core::bounded_map<node_id, core::time_point> refuted_;  // until then
};

// Whether a node with leaf set `l`, of which `failed` still is a member, tells others of its failure.
[[nodiscard]] bool tells_of(const leaf_set& l, const node_id& failed, suspicion why, const failure_rumour& heard);

// Members of `l` whose leaf sets `failed` belongs to, as far as one sees from `self`: those at most `reach` places from it. None that are
// informed.
[[nodiscard]] std::vector<node_id> concerned(const node_id& self, const leaf_set& l, const node_id& failed, std::size_t reach,
                                             const std::set<node_id>& informed);

}  // namespace phyllo::overlay
