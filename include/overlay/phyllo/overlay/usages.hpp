// What the registered Kinds are for: the certificate store (RFC 6940 s.8), TURN servers (s.9), mappings of AORs (RFC 7904) and
// service discovery by ReDiR (RFC 7374).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

// One value of a Kind. Which of `index` and `key` counts is the Kind's data model's.
struct kind_entry {
  std::uint32_t index = 0;  // of an array; 0xffffffff: at its end
  core::bytes key;          // of a dictionary
  core::bytes value;
  bool exists = true;  // false removes what is there
};

struct kind_value {
  kind_entry entry;
  node_id signer_node;
  std::string signer;  // rfc822Name of the signing certificate
  std::uint64_t storage_time_ms = 0;
  std::uint32_t lifetime_s = 0;  // what is left of it
};

// Where an AOR leads: to another one, or to a node.
struct aor_mapping {
  std::string uri;             // another AOR, without scheme; empty: `route` says
  std::string contact_prefs;   // of a route: a predicate of RFC 3840
  std::vector<node_id> route;  // the user's node last
  friend bool operator==(const aor_mapping&, const aor_mapping&) = default;
};

// Awaited on the overlay's executor; cancellation abandons the wait. Errors of each: not_joined, timed_out, unreachable, and of
// those that store forbidden, quota_exceeded, data_too_old, unknown_kind. `timeout` is for the whole of it.
class usages {
 public:
  virtual ~usages() = default;

  // Any Kind that is known. Values are verified; tombstones and what does not exist are left out.
  virtual core::awaitable<core::result<outcome>> store_entry(std::uint32_t kind, resource_id resource, kind_entry e,
                                                             std::chrono::seconds lifetime, core::duration timeout) = 0;
  virtual core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(std::uint32_t kind, resource_id resource,
                                                                               core::duration timeout) = 0;
  // Find (RFC 6940 s.7.4.4): what the root of `near` knows nearest to it. not_found.
  virtual core::awaitable<core::result<resource_id>> find_resource(std::uint32_t kind, resource_id near, core::duration timeout) = 0;

  // This node's certificate under its Node-ID and its user, "at the end of the list"; again: renewed where it stands.
  virtual core::awaitable<core::status> publish_certificate(std::chrono::seconds lifetime, core::duration timeout) = 0;
  // Read, not yet judged by trust. Empty: none is stored.
  virtual core::awaitable<core::result<std::vector<identity::certificate>>> certificates_of_node(node_id node, core::duration timeout) = 0;
  virtual core::awaitable<core::result<std::vector<identity::certificate>>> certificates_of_user(std::string user,
                                                                                                 core::duration timeout) = 0;

  // SIP-REGISTRATION under this node's user, one entry a node.
  virtual core::awaitable<core::status> map_aor(aor_mapping to, std::chrono::seconds lifetime, core::duration timeout) = 0;
  virtual core::awaitable<core::result<std::vector<aor_mapping>>> mappings_of(std::string user, core::duration timeout) = 0;

  // TURN-SERVICE at H(Node-ID || d) for d from 1 to `density` (the document's turn-density), at most 20.
  virtual core::awaitable<core::status> advertise_relay(transport::endpoint at, unsigned density, std::chrono::seconds lifetime,
                                                        core::duration timeout) = 0;
  // Asks at random places, up to `tries` of them. not_found.
  virtual core::awaitable<core::result<transport::endpoint>> find_relay(unsigned tries, core::duration timeout) = 0;

  // ReDiR: this node provides a service, found by whoever looks for the provider that follows an identifier on the ring.
  // Repeat it before `lifetime` is over ("a default value of 10 minutes is RECOMMENDED").
  virtual core::awaitable<core::status> provide(std::string service, std::chrono::seconds lifetime, core::duration timeout) = 0;
  virtual core::awaitable<core::status> withdraw(std::string service, core::duration timeout) = 0;
  // The provider whose Node-ID follows `key` most closely, around zero; not_found where there is none.
  virtual core::awaitable<core::result<node_id>> find_provider(std::string service, node_id key, core::duration timeout) = 0;
};

}  // namespace phyllo::overlay
