// Where a user's phones are: bindings as records of type "user location", and the ways that lead to each phone (sip.md, "Locations").
//
// One dictionary entry per device, each a record with one location: the registering supernode's address, transports
// and Node-ID, the Contact, and the path, whose first URI names the registering supernode with a sealed token. Two ways lead to a phone:
//   direct  - straight to the Contact's address by UDP. Only if the registering node has authority for the domain and says that the
//             phone was heard at that address (so no NAT lies between; the path's first URI then bears the flag `direct`), and
//             only if the address means the same here: a private or loopback one only for a node that has such an address itself.
//   via     - by phyllo-sip to the node that signed the record, with the whole path: its token leads to the phone even behind NAT.
//             A record can name no other node than its signer.
// A direct way is tried first: it asks nothing of another node, and lets a call succeed at once when the registering
// supernode has died. The other way follows when the first has failed or stayed silent (see response_context.hpp).
#pragma once

#include <asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include "binding.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::sip {

// How this node appears in records.
struct location_self {
  overlay::node_id node;
  std::string address;                  // advertised
  std::vector<std::string> transports;  // "UDP5060", "TCP5060", "TLS5061"
};

// The name under which the locations of "user@domain" lie.
[[nodiscard]] overlay::name location_name(const std::string& address_of_record);

[[nodiscard]] overlay::record to_record(const std::string& address_of_record, const binding& b, const location_self& self,
                                        core::wall_time now);

// The unexpired bindings among what the overlay gave; entries that do not parse are left out. `here` is set for those
// that `self` wrote.
[[nodiscard]] std::vector<binding> to_bindings(const std::vector<overlay::stored_value>& values, const overlay::node_id& self,
                                               core::wall_time now);

// The phone has proved who it is by SHA-256, where it registered.
[[nodiscard]] bool registered_by_sha256(const binding& b);

struct way {
  std::vector<std::string> routes;            // to be put on top of the request, first hop first; empty: direct
  std::optional<transport::endpoint> direct;  // by UDP; else:
  node_way node;                              // which may be this node itself
};

// The ways to a phone in the order they are to be tried; `own_address` is this node's. None: nothing leads there.
[[nodiscard]] std::vector<way> ways_to(const binding& b, const asio::ip::address& own_address);

// The URI of a name-addr, or of a bare URI.
[[nodiscard]] std::optional<uri> uri_within(std::string_view name_addr);
// A private or loopback address means something only to a host that has one of that sort.
[[nodiscard]] bool meaningful_for(const asio::ip::address& own, const asio::ip::address& other);

}  // namespace phyllo::sip
