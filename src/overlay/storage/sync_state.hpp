// Who may not be counted on where (storage.md, `unsynced`): the arcs that this node has yet to sync, and those in which it
// holds others for unsynced. Pure: the shell asks it what is to be done.
#pragma once

#include <map>
#include <vector>

#include "storage/replica_set.hpp"

namespace phyllo::overlay {

class sync_state {
 public:
  explicit sync_state(const node_id& self) : self_(self) {}

  // This node became active among `now`: it has nothing yet, unless it is alone.
  void activated(const replica_sets& now);
  // The ring changed: newcomers to sets that this node is in are unsynced there, and so is itself where it is one.
  void changed(const replica_sets& before, const replica_sets& after);

  // This node's own part.
  [[nodiscard]] const arc_set& here() const noexcept { return here_; }
  [[nodiscard]] bool synced_here(const resource_id& key) const { return !here_.contains(key); }
  void sync_again(const std::vector<arc>& where);  // somebody holds this node for unsynced there
  void synced_here(const arc& a) {
    here_.subtract(a);
    unproven_.subtract(a);
  }

  // Where this node is root of a set that has changed: it has been a member all along, but a majority may hold what it lacks. Until it has
  // compared, it judges and answers by quorum.
  [[nodiscard]] const arc_set& unproven() const noexcept { return unproven_; }
  [[nodiscard]] bool proven(const resource_id& key) const { return !here_.contains(key) && !unproven_.contains(key); }

  // Others. `answered`: this node answered a comparison of theirs, in one view, over the whole arc.
  void answered(const node_id& asker, const arc& a);
  // Update(synced) of a member, in this node's view: believed where this node has answered it.
  void synced(const node_id& who, const arc& a);
  [[nodiscard]] bool unsynced(const node_id& who, const resource_id& key) const;
  [[nodiscard]] std::vector<node_id> unsynced(const std::vector<member>& of, const resource_id& key) const;  // self included
  [[nodiscard]] bool unsynced_anywhere(const node_id& who, const arc& a) const;
  [[nodiscard]] std::vector<node_id> to_remind() const;

 private:
  void note_new_roots(const replica_sets& before, const replica_sets& after);

  node_id self_;
  arc_set here_;
  arc_set unproven_;
  std::map<node_id, arc_set> unsynced_;
  std::map<node_id, arc_set> answered_;
};

}  // namespace phyllo::overlay
