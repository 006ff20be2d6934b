// The seed's API: get, add, update, remove and watch, by overlay id and name. Independent of what the records mean.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/overlay/record.hpp"

namespace phyllo::overlay {

struct read_options {
  core::duration timeout = std::chrono::seconds(5);
  bool quorum = false;  // R2 of the storage specification instead of R1
};

struct write_options {
  core::duration timeout = std::chrono::seconds(8);
  // form 2 (domain authority) with this binding; nothing: form 1 if the subject is this node's user, else form 2 with
  // the record's own: binding_of(its location) for `user location`, this node's Node-ID for all other types.
  std::optional<overlay::binding> binding;
};

// Tells one state of a name from another: of the versions of all its live entries. Never persists across releases.
using state_digest = std::array<std::uint8_t, 16>;

struct watch_options {
  core::duration timeout = std::chrono::minutes(1);
  std::optional<state_digest> seen;  // what is known already (outcome::state); nothing: the first state comes at once
};

struct stored_value {
  record content;
  std::string signer;  // rfc822Name of the signing certificate
  node_id signer_node;
  std::uint64_t storage_time_ms = 0;
  std::uint32_t lifetime_s = 0;  // what is left of it
  overlay::binding entry{};
};

// What an operation met on its way; the values for get and watch.
struct outcome {
  resource_id key;
  node_id root;                   // who answered for the key
  std::vector<node_id> replicas;  // others of the replica set, as the root says
  unsigned acknowledged = 0;      // holders that confirmed, root included (stores)
  unsigned hops = 0;              // links the request crossed; 0: this node is the root
  std::vector<node_id> path;      // nodes crossed, this one first, the root last
  core::duration took{};
  std::uint64_t storage_time_ms = 0;  // of what was stored (stores; of several tombstones the newest)
  std::vector<stored_value> values;   // newest per binding, tombstones left out
  state_digest state{};               // of get and watch: what a watch goes on from
};

// One process may be part of several overlays; `overlay_id` (the instance name) picks one, empty the only one.
// Calls are made on the overlay's executor; terminal cancellation abandons the wait. Arguments are taken by value.
// Every call: not_joined, timed_out, unreachable, unknown_overlay, invalid_message, configuration, refused.
class overlay {
 public:
  virtual ~overlay() = default;

  // All entries under the name, verified. not_found.
  virtual core::awaitable<core::result<outcome>> get(std::string overlay_id, name n, read_options o) = 0;
  // Stores if no live entry of that binding exists: already_exists, forbidden, quota_exceeded, invalid_record.
  virtual core::awaitable<core::result<outcome>> add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                     write_options o) = 0;
  // Stores if newer: data_too_old, forbidden, quota_exceeded, invalid_record.
  virtual core::awaitable<core::result<outcome>> update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                        write_options o) = 0;
  // Tombstone for every entry this node may write (or the one `o.binding` names). not_found, forbidden.
  virtual core::awaitable<core::result<outcome>> remove(std::string overlay_id, name n, write_options o) = 0;
  // Returns once the state under the name is another than `o.seen`: written, refreshed, removed (no values) or expired
  // (no values). timed_out: it is not. Call it again with outcome::state: nothing queues up in between, changes that
  // follow one another come as one, and the newest wins. While the ring is whole, a change is told within a round trip of
  // its acknowledgement, of an expiry within two seconds; when the root dies, within ten seconds of the ring's repair.
  virtual core::awaitable<core::result<outcome>> watch(std::string overlay_id, name n, watch_options o) = 0;
};

}  // namespace phyllo::overlay
