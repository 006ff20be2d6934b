// What a node is in one RELOAD overlay, for as long as it runs: a peer, which joins, routes and stores, or a client, which uses peers
// (RFC 6940 s.4.2). It may change from one to the other, and whoever holds this need not know.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/told_time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/application.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/overlay/overlay_observer.hpp"
#include "phyllo/overlay/peer_settings.hpp"
#include "phyllo/overlay/record_file.hpp"
#include "phyllo/overlay/usages.hpp"
#include "phyllo/transport/link.hpp"

namespace phyllo::overlay {

// What is of one role of a node, and is given anew with the next.
struct role_options {
  bool client = false;  // an ordinary node: uses the overlay through peers, holds and routes nothing (RFC 6940 s.4.2)
  // With whom this node was in the ring when it last was active: when most of them wait as it does, one of them forms the ring again.
  // Nothing: it never was, or does not know.
  std::optional<std::vector<node_id>> members;
  // Of this start, greater than of any earlier one of this Node-ID: by it others know that what they knew of the node is over. 0: the start
  // in Unix seconds, which is enough for a node that never starts twice within one, by a clock that never goes back.
  std::uint32_t incarnation = 0;
};

struct peer_options : peer_settings, role_options {
  unsigned replica_choice = 0;     // > 0: a message to a key passes the nearest by round-trip time of so many nodes nearest to the key
  bool first = false;              // starts the overlay
  unsigned attachments = 3;        // of a client: peers it keeps links to
  std::size_t clients_max = 5000;  // of a peer: links to nodes that are not part of the ring
  unsigned end_to_end_sends = 5;   // of a request, until it has failed
  bool storage = true;             // false: it routes, and refuses what others would store
  phyllo::overlay::record_file* records = nullptr;  // keeps them between two starts, and outlives the peer; null: nothing does
  bool publish_certificate = false;                 // keeps this node's certificate in the overlay (RFC 6940 s.8)
};

enum class peer_state { joining, ready, leaving, left };

struct peer_status {
  peer_state state = peer_state::joining;
  node_id self;
  struct {
    unsigned size = 0;
    std::vector<node_id> left, right;  // nearest first
  } leaf_set;
  struct table_entry {
    unsigned row = 0, column = 0;
    node_id node;
    double rtt_ms = 0;
  };
  std::vector<table_entry> routing_table;
  struct link_entry {
    node_id node;
    transport::endpoint address;
    transport::link_kind kind = transport::link_kind::dtls;
    std::vector<transport::endpoint> listens;  // where it has said that it takes links, at the address where it was heard
    transport::rung by = transport::rung::dtls;
  };
  std::vector<link_entry> links;
  std::string clock;      // what is wrong with this node's, for people; empty: nothing, as far as others have said
  std::string waits_for;  // whom this node waits for to form their ring again, for people; empty: for nobody
  bool client = false;
  std::vector<node_id> attachments;               // of a client: active peers it is linked to
  std::vector<transport::endpoint> known_places;  // of a client: where others are that it could attach to, spread over the ring
  struct {
    std::uint64_t number = 0, newest = 0, entries = 0;  // of the revocation list that is here whole; of the newest that is known
  } revocations;
  struct {
    std::uint64_t records = 0, primary = 0, replicas = 0, under_replicated = 0;
    bool synced = true;  // neither this node nor, by what it knows, another of its sets has anything to repair
  } storage;
};

// Of a diagnosis; see RFC 6940 s.6.4.2.4 (Ping) and RFC 7851 (PathTrack).
struct ping_outcome {
  node_id responder;
  core::duration round_trip{};
  unsigned hops = 0;
  std::vector<node_id> path;  // nodes crossed, this one first, the responder last
};

// One node on the way, as it says itself; what it does not say is left out.
struct trace_hop {
  node_id node;
  core::duration round_trip{};
  unsigned links = 0;                 // that the question crossed
  std::optional<std::uint64_t> load;  // 0 none .. 15 congestion
  std::optional<std::uint64_t> routing_table_size;
  std::optional<std::uint64_t> uptime_s;
  std::optional<std::uint64_t> values_stored;
};
struct trace_outcome {
  node_id from;                        // this node
  std::vector<trace_hop> hops;         // after this node, the target or its root last; none: this node is it
  std::optional<core::error> stopped;  // why it ends before the target
};

// How far the newest revocation list that this node knows has come.
struct revocation_reach {
  std::uint64_t number = 0;  // its
  std::size_t have = 0;      // nodes of the leaf set that hold all of it
  std::size_t of = 0;        // nodes of the leaf set
};

// One object for the node's life, whatever its role. While it changes, requests wait for the next role, each for as long as its own
// time-out says, and are then not_joined; what reads or watches and is under way is asked again in the next role.
class peer : public overlay {
 public:
  // References outlive the peer. A renewed certificate of the same node and user may be assigned to `*self` between
  // two events: what is signed from then on carries it. `configuration` is the signed document (text and content), passed on to others.
  [[nodiscard]] static std::unique_ptr<peer> create(core::environment& env, peer_options options,
                                                    std::shared_ptr<const identity::credential> self,
                                                    identity::parsed_configuration configuration, identity::trust& trust,
                                                    transport::link_layer& links, core::metrics& metrics, core::logger log);

  // Finds the overlay through any of `bootstrap` (tried together) and joins; returns when active (state ready), or
  // at once for the first node. timed_out, refused (with what was tried). Retry is the caller's. A client returns when
  // it is attached to one peer, and attaches to more from then on; one that has lost all looks for them again itself. After stop() it
  // returns within 10 s, when an address that is being tried has answered or not: the peer must live until then.
  virtual core::awaitable<core::status> join(std::vector<transport::candidate> bootstrap, core::time_point deadline) = 0;

  // Of a node that joins: it begins the ring alone instead, with what it has kept on disk, as soon as join() has read that. For whoever
  // knows that there is no other part of the overlay.
  virtual void form() = 0;

  // Of an active node: another part of the overlay may be found at `place` (one node's candidates); if it is, both become one ring. Of a
  // client: it looks for peers at these addresses, too, when it has lost all.
  virtual void seek(std::vector<transport::candidate> place) = 0;

  // What the clock of a server shows that TLS has authenticated, at any time: this node's is compared with it, as with its neighbours'.
  virtual void hear_time(core::told_time t) = 0;

  // From now on `o`, which outlives the peer, hears what happens, after those that came before it.
  virtual void observe(overlay_observer& o) = 0;

  // Of a node that has joined, or tries to. It leaves in good order, as by leave(), after writes that are under way, and is then one of
  // that role which has not joined: join() is due, as at the start. Requests wait from now on until that join has ended, well or not. The
  // incarnation is in any case greater than the one before. refused: the node has that role, changes or ends already, or its certificate or
  // the overlay does not allow it; then nothing has changed. Not to be awaited together with leave() or stop(); cancelled, it leaves the
  // node without a role, and stop() is all that is left to do.
  virtual core::awaitable<core::status> change_role(role_options to) = 0;
  [[nodiscard]] virtual bool client() const = 0;  // its role now

  // Hands over and leaves: LeaveReq to all, then up to 10 s for others to sync. Always ends in state left.
  virtual core::awaitable<void> leave() = 0;

  // Closes links and joins all coroutines without leave; call before destruction.
  virtual core::awaitable<void> stop() = 0;

  // Takes a newer signed configuration document and pushes it on (ConfigUpdate). identity's errors.
  virtual core::awaitable<core::status> adopt(std::string document) = 0;

  // Takes a private Kind that the document does not name, by its signed block (RFC 6940 s.6.5.4.1), and passes it on: to the nodes linked
  // here, and to whoever answers Error_Unknown_Kind. identity's errors; already_exists (another definition is known), unknown_kind (its
  // data model or policy is not), quota_exceeded.
  virtual core::awaitable<core::status> adopt_kind(std::string block) = 0;

  // Of the node that signs it (revocation_list::succeed): takes a newer revocation list into force and passes it on. What is in force
  // anywhere is trust's. identity's older_document, malformed_document.
  virtual core::status take_revocations(identity::revocation_list::next n) = 0;
  // Asks those of the leaf set of whom it is not known, a second each at most, until the deadline.
  virtual core::awaitable<revocation_reach> reach_of_revocations(core::time_point deadline) = 0;

  // The configuration document as a node has it that is linked here, one at random; unchecked. unreachable (nobody is linked), timed_out,
  // invalid_message.
  virtual core::awaitable<core::result<std::string>> document_of_another() = 0;

  virtual core::awaitable<core::result<ping_outcome>> ping(node_id destination, core::duration timeout) = 0;
  // The root of a key instead of a node.
  virtual core::awaitable<core::result<ping_outcome>> ping_root(resource_id key, core::duration timeout) = 0;

  // By a source route (RFC 6940 s.6.3.2.2), the way to an ordinary node: {a peer that it is attached to, its Node-ID}.
  virtual core::awaitable<core::result<ping_outcome>> ping_by_route(std::vector<node_id> route, core::duration timeout) = 0;

  // PathTrack (RFC 7851): asks each node on the way for the next. `stopped` tells what went wrong on the way.
  virtual core::awaitable<core::result<trace_outcome>> trace(node_id destination, core::duration timeout) = 0;
  virtual core::awaitable<core::result<trace_outcome>> trace_root(resource_id key, core::duration timeout) = 0;

  // Answers AppAttach for an Application-ID, in whatever role, until it is given an empty handler.
  virtual void serve_application(std::uint16_t application, application_handler handler) = 0;
  // Offers a connection to the last node of the route; its answer. not_found (it serves no such application), forbidden,
  // timed_out, unreachable, invalid_message.
  virtual core::awaitable<core::result<application_offer>> app_attach(std::vector<node_id> route, std::uint16_t application,
                                                                      application_offer mine, core::duration timeout) = 0;

  // What the registered Kinds are for. Lives as long as the peer.
  [[nodiscard]] virtual usages& uses() = 0;

  [[nodiscard]] virtual peer_status status() const = 0;

  // That node was found dead in the last minute and a half, by this one or by those near it, and has not been heard since.
  [[nodiscard]] virtual bool has_failed(const node_id& n) const = 0;

  // A request for `key` that came now would be delivered here: this peer is active, and neither a member of its leaf set nor a suspect is
  // nearer.
  [[nodiscard]] virtual bool claims(const resource_id& key) const = 0;
};

}  // namespace phyllo::overlay
