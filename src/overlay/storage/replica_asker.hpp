// Asks other replicas, and learns from their answers (storage.md, section 2): who confirms which view, who is of another, who holds this
// node for unsynced, and who has confirmed a write.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "phyllo/core/mailbox.hpp"
#include "storage/storage_parts.hpp"

namespace phyllo::overlay {

class replica_asker {
 public:
  struct arrival {
    node_id from;
    core::result<answer> got;
  };
  using arrivals = std::shared_ptr<core::mailbox<arrival>>;

  explicit replica_asker(const storage_parts& with)
      : env_(with.env), ring_(with.ring), share_(with.share), confirmed_for_(with.options.confirmed_for) {}

  [[nodiscard]] arrivals make_arrivals(std::size_t nodes) const { return std::make_shared<core::mailbox<arrival>>(env_, nodes); }
  // One message to each; what comes back goes into the box, until the deadline. `round`: of a write. A late answer to the latest one still
  // counts, if nobody waits for it any more.
  void ask_each(const arrivals& into, std::vector<node_id> nodes, message_contents m, core::time_point deadline,
                const resource_id& resource, std::uint64_t round = 0);

  [[nodiscard]] bool confirms(const node_id& who, std::uint64_t view) const;  // lately
  // Exchanges LeafSetStates with a node whose view is another, unless that was done within `pause`.
  void reconcile(const node_id& with, core::duration pause);
  // The sets have changed: whoever is in none is forgotten.
  void forget_strangers();
  // What comes back from now on is not looked at.
  void stop() { alive_.reset(); }

 private:
  void note_state(const node_id& from, const resource_id& resource, const message_contents& m);

  core::environment& env_;
  surroundings& ring_;
  replica_share& share_;
  core::duration confirmed_for_;
  std::map<std::pair<node_id, std::uint64_t>, core::time_point> confirmed_;  // by whom, of which view, when last
  std::map<node_id, core::time_point> reconciled_;                           // when this node last asked for it
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);                    // late answers ask whether this is still there
};

}  // namespace phyllo::overlay
