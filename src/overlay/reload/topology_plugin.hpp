// A topology plug-in (RFC 6940 s.6.4.1) as its peer runs it: how it joins and leaves, what it does by the clock, the four methods whose
// contents are its own, and what it knows of the overlay. Where a message goes is `topology`, its pure part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/peer.hpp"
#include "reload/link_maker.hpp"
#include "reload/link_table.hpp"
#include "reload/messenger.hpp"
#include "reload/node_clock.hpp"
#include "reload/replica_places.hpp"
#include "reload/ring_arc.hpp"
#include "reload/surroundings.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// What a peer asks of another on their link beside the topology's own questions. How that stands in a message is the plug-in's.
enum class link_subject : std::uint8_t { sync, revocations, document };

// What the plug-in hands on.
class topology_observer {
 public:
  virtual ~topology_observer() = default;
  virtual void on_members_changed() = 0;
  virtual void on_activated() = 0;
  // `from` has compared what it holds of an arc with all who share it, in this view.
  virtual void on_synced(const node_id& from, const arc& where, std::uint64_t view) = 0;
  virtual void on_unsynced_here(const node_id& keeper) = 0;  // for whom this node is one that has not
  // A question of a link's peer: to be answered by answer_on_link.
  virtual void on_link_question(received_request r, link_subject what, core::bytes question) = 0;
  virtual void on_revocations(const node_id& from, core::byte_view announced) = 0;
  virtual void on_agenda_changed() = 0;  // next_due() may be earlier now
  // Stores at `to` all that this node keeps of these arcs; returns when that has ended, well or not.
  virtual core::awaitable<void> give_records(node_id to, std::vector<arc> where) = 0;
};

// What it works with. All references outlive it; none is used before start().
struct topology_parts {
  core::environment& env;
  std::shared_ptr<const identity::credential> self;
  identity::trust& trust;
  transport::link_layer& layer;
  link_table& links;
  messenger& messages;
  link_maker& making;
  node_clock& clock;
  core::metrics& metrics;
  core::logger log;
};

// What a plug-in knows of the overlay around its node.
class ring_knowledge {
 public:
  virtual ~ring_knowledge() = default;
  [[nodiscard]] virtual peer_state state() const = 0;
  [[nodiscard]] virtual bool active() const = 0;  // part of the ring
  // Self, and those with whom this node shares what is stored.
  [[nodiscard]] virtual std::vector<member> members() const = 0;
  [[nodiscard]] virtual std::vector<node_id> adjacent() const = 0;               // the next on each side; of a ring of two one, or it twice
  [[nodiscard]] virtual std::vector<node_id> neighbours() const = 0;             // leaf set, Neighbour Table
  [[nodiscard]] virtual std::vector<node_id> far_peers() const = 0;              // routing table, Finger Table
  [[nodiscard]] virtual double responsible_share() const = 0;                    // this node's of all keys, 0 to 1
  [[nodiscard]] virtual core::duration round_trip(const node_id& to) const = 0;  // as last measured, or zero
  [[nodiscard]] virtual bool has_failed(const node_id& n) const = 0;             // found dead lately, and not linked since
  // For a node that routes iteratively: where this node would send it; itself, if it is responsible.
  [[nodiscard]] virtual node_id next_peer(const destination& d) const = 0;
  // Where `n` takes links, by what it says, at the address that it is heard from.
  [[nodiscard]] virtual places heard_places(const node_id& n) const = 0;
  virtual void describe(peer_status& s) const = 0;  // for people
};

// What a plug-in carries by links for storage and revocations, in its own messages.
class link_carrier {
 public:
  virtual ~link_carrier() = default;
  // To `with`, on its link. refused (this plug-in has no message for it), timed_out, unreachable, invalid_message, or what a RELOAD error
  // means.
  virtual core::awaitable<core::result<core::bytes>> ask_on_link(node_id with, link_subject what, core::bytes question,
                                                                 core::time_point deadline) = 0;
  virtual void answer_on_link(const received_request& r, link_subject what, core::bytes content) = 0;
  virtual void announce_synced(const arc& where, std::uint64_t view) = 0;  // to all neighbours
  virtual void announce_revocations(const std::vector<node_id>& to, core::bytes announcement) = 0;
  virtual void reconcile(const node_id& n) = 0;        // exchanges views with one whose view differs; returns at once
  virtual void remind_unsynced(const node_id& n) = 0;  // this node holds it for one that has not compared; returns at once
};

class topology_plugin {
 public:
  virtual ~topology_plugin() = default;
  // Its parts live as long as it does.
  [[nodiscard]] virtual topology& routes() noexcept = 0;
  [[nodiscard]] virtual const ring_knowledge& knows() const noexcept = 0;
  [[nodiscard]] virtual link_carrier& carries() noexcept = 0;
  // Where copies are to be, and then by give_records alone; null: storage works that out of members().
  [[nodiscard]] virtual const replica_places* copies() const noexcept { return nullptr; }
  [[nodiscard]] virtual neighbour_observer& hears() noexcept = 0;
  [[nodiscard]] virtual link_maker_observer& links() noexcept = 0;

  [[nodiscard]] virtual bool forwards() const noexcept { return true; }  // messages of others; an ordinary node does not

  virtual void start() = 0;  // once, before all else; the first node is active at once
  // As peer::join; of a client: until it is attached.
  virtual core::awaitable<core::status> join(places bootstrap, core::time_point deadline) = 0;
  virtual void form() = 0;                   // begins the ring alone, as soon as join() has been called
  virtual void seek(places place) = 0;       // another part of the overlay may be there
  virtual void say_leave() = 0;              // to all; not active from now on
  virtual void drop_revoked() = 0;           // closes links whose peers are not trusted any more
  virtual void halt() = 0;                   // it does nothing any more
  virtual core::awaitable<void> stop() = 0;  // and joins its coroutines

  virtual void run_due(core::time_point now) = 0;
  [[nodiscard]] virtual core::time_point next_due() const = 0;

  // Requests of the methods whose bodies are its own.
  virtual void on_join(const received_request& r) = 0;
  virtual void on_leave(const received_request& r) = 0;
  virtual void on_update(const received_request& r) = 0;
  virtual void on_route_query(received_request r) = 0;
  virtual void refuse_client(const received_request& r) = 0;  // who has no right to be a peer
};

}  // namespace phyllo::overlay
