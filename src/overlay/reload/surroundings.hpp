// The seam inside the overlay: storage (records, replication, sync) on one side, the Pastry peer on the other.
// Storage sees the ring only through `surroundings`; the peer hands it requests and changes of the leaf set.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/name.hpp"
#include "reload/ring_arc.hpp"

namespace phyllo::overlay {

// MessageExtension (RFC 6940 s.6.3.3).
struct extension {
  std::uint16_t type = 0;
  bool critical = false;
  core::bytes content;
};

// What a request or an answer says, without its forwarding header and security block. Storage judges the extensions of
// its own four methods (Store, Fetch, Stat, Find), Error_Unknown_Extension included.
struct message_contents {
  std::uint16_t code = 0;  // RFC 6940 s.14.8; 0xffff: error_response
  core::bytes body;
  std::vector<extension> extensions;
  // Of the signers of values inside, the sender's own left out: sent in, or found in, the SecurityBlock's
  // certificates (RFC 6940 s.6.3.4). Those of a received message are parsed, not yet judged by `trust`.
  std::vector<identity::certificate> certificates;
};

// An answer as it reached us; its signature is verified and its signer trusted.
struct answer {
  message_contents contents;  // code 0xffff for a RELOAD error: body is ErrorResponse
  node_id from;               // the signer
  std::vector<node_id> path;  // nodes crossed, this one first, the answerer last
  unsigned hops = 0;          // links crossed
  bool of_peer = false;       // the signer's certificate gives the right to be a peer
};

// A request that reached us as its responsible node; verified like an answer.
struct incoming {
  message_contents contents;
  std::optional<resource_id> resource;  // the destination, if it was a Resource-ID
  identity::certificate signer;
  std::optional<node_id> link_peer;  // whose link it came by
};

// A node of the leaf set, or self.
struct member {
  node_id node;
  std::uint32_t incarnation = 0;
  bool active = false;   // has sent Update(active) and is not leaving
  bool suspect = false;  // under probe; still a member
};

// The ring as storage sees it. Implemented by the peer; simulated in storage's own tests.
class surroundings {
 public:
  virtual ~surroundings() = default;
  [[nodiscard]] virtual const node_id& self() const = 0;
  [[nodiscard]] virtual bool active() const = 0;
  [[nodiscard]] virtual bool attached() const { return active(); }  // others can be asked; of a client, which is never active
  [[nodiscard]] virtual std::vector<member> members() const = 0;    // self and the leaf set, no duplicates
  [[nodiscard]] virtual std::size_t leaf_set_size() const = 0;      // |L|
  // To a member, as last measured; zero where that is not known.
  [[nodiscard]] virtual core::duration round_trip(const node_id&) const { return {}; }
  // What others will judge by: this node's clock or, where that is known to be wrong, the one of those who know.
  [[nodiscard]] virtual core::wall_time wall_now() const = 0;
  [[nodiscard]] virtual bool clock_agreed() const { return true; }  // that is somebody else's time, too
  // To one node, by its link or routed. A RELOAD error is an answer (code 0xffff), not an error; errors are
  // timed_out, unreachable, not_joined.
  virtual core::awaitable<core::result<answer>> request(node_id to, message_contents m, core::time_point deadline) = 0;
  // To the root of a Resource-ID, routed (it may be this node: then storage's own handler answers it).
  virtual core::awaitable<core::result<answer>> request_root(resource_id to, message_contents m, core::time_point deadline) = 0;
  // The same of a request that is answered late on purpose: it is not sent again but when its first hop fails.
  virtual core::awaitable<core::result<answer>> request_root_patiently(resource_id to, message_contents m, core::time_point deadline) {
    return request_root(to, std::move(m), deadline);
  }
  // One message to several nodes under one transaction id, signed once (its signature covers neither destination nor
  // via list). `on_answer` is called exactly once for each node, on the executor and never before this returns, with
  // what `request` would have given; nothing is called any more once the peer has stopped.
  using answer_handler = std::function<void(node_id from, core::result<answer> a)>;
  virtual void request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) = 0;
  // RouteQuery(sync) on the link to `with`: body of Sync out, body of SyncAns back (opaque to the peer, up to about
  // 40 kB). timed_out, unreachable, refused.
  virtual core::awaitable<core::result<core::bytes>> sync(node_id with, core::bytes body, core::time_point deadline) = 0;
  // Exchanges LeafSetStates with a node whose view differs from ours (RouteQuery probe); returns at once.
  virtual void reconcile(node_id with) = 0;
  // Sends Update(synced) for an arc to every link.
  virtual void announce_synced(resource_id first, resource_id last, std::uint64_t view) = 0;
  // Reminds a member that we hold it for unsynced (probe with flag 08); returns at once.
  virtual void remind_unsynced(node_id who) = 0;
  // Certificates by fingerprint, of signers of values seen before; null when unknown.
  [[nodiscard]] virtual const identity::certificate* find_certificate(const identity::sha256_digest& fingerprint) const = 0;
};

// What the peer calls. Implemented by storage.
class storage_service {
 public:
  virtual ~storage_service() = default;
  // Store, Fetch, Stat, Find requests; the answer (possibly code 0xffff) goes back to the requester.
  virtual core::awaitable<message_contents> handle(incoming request) = 0;
  // Of a Fetch that watches, before handle(): returns once it is to be answered. It takes no room meanwhile.
  virtual core::awaitable<void> hold_watch(node_id, message_contents) { co_return; }
  // RouteQuery(sync): body of Sync in, body of SyncAns out.
  virtual core::awaitable<core::bytes> handle_sync(node_id from, core::bytes sync) = 0;
  // Update(synced) of `from`.
  virtual void on_synced(node_id from, resource_id first, resource_id last, std::uint64_t view) = 0;
  // Somebody holds us for unsynced (flag 08).
  virtual void on_unsynced_here(node_id keeper) = 0;
  // The leaf set, or a member's activity or incarnation, has changed.
  virtual void on_members_changed() = 0;
  virtual void on_activated() = 0;                                         // this node became active
  virtual core::awaitable<void> hand_over(core::time_point deadline) = 0;  // before leaving: until others are synced
  // Stores at `to` all that is kept of these arcs, for a topology that says who is to have copies; returns when that has ended, well or
  // not.
  virtual core::awaitable<void> give(node_id, std::vector<arc>) { co_return; }
  virtual core::awaitable<void> stop() = 0;
};

}  // namespace phyllo::overlay
