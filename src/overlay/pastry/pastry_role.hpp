// What a Pastry node does otherwise as part of the ring than attached to it, as an ordinary node (RFC 6940 s.4.2; pastry.md s.9). The other
// parts are given one or the other when the node is made, and ask it; none of them asks which it is.
#pragma once

#include <memory>

#include "pastry/leaf_set_state.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry_role {
 public:
  virtual ~pastry_role() = default;

  virtual core::awaitable<core::status> join(places bootstrap, core::time_point deadline) = 0;  // as topology_plugin::join
  virtual void seek(places place) = 0;                                                          // as topology_plugin::seek

  virtual void on_linked(const node_id& n) = 0;
  virtual void on_link_closed() = 0;
  // As in neighbour_observer.
  virtual void on_unjudged(const node_id& n, const message_contents& m) = 0;
  // What `from` has told of itself is taken down; `changed`: it is active, or not any more, or another start of it. False: the lists of
  // `from` are of no more use here.
  [[nodiscard]] virtual bool take_state(const node_id& from, const leaf_set_state& s, bool changed) = 0;

  [[nodiscard]] virtual bool has_room_for(const node_id& n) = 0;  // as in link_maker_observer
  [[nodiscard]] virtual bool tells_use() const = 0;               // peers hear whether this node needs its links to them
  [[nodiscard]] virtual bool forwards() const = 0;                // as topology_plugin::forwards
  virtual void describe(peer_status& s) const = 0;                // what is of this role alone

  virtual void halt() = 0;                   // it does nothing any more
  virtual core::awaitable<void> stop() = 0;  // and joins its coroutines
};

// Makes the role of a node whose parts these are: all of them outlive it, and none is used before the node starts.
struct role_parts;
using role_maker = std::unique_ptr<pastry_role> (*)(const role_parts& parts, const peer_options& options);

}  // namespace phyllo::overlay
