// What a node decides on while it looks for the ring of its overlay: where to look, whether there is none yet, and whether it is part of
// it. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

[[nodiscard]] std::set<identity::node_id> leaf_set_of(const overlay::peer_status& s);
// Of the leaf set and the routing table: those that route. Of others that are linked the address is their own affair.
[[nodiscard]] std::set<identity::node_id> members_of(const overlay::peer_status& s);

// Where others may be, by whoever says so.
struct places_said {
  std::vector<transport::endpoint> document;    // its bootstrap nodes
  std::vector<transport::endpoint> remembered;  // on disk
  std::vector<transport::endpoint> discovered;  // on the local network
  std::vector<transport::endpoint> listed;      // by a bootstrap server
};
// Tried together: the first of each, then the second of each. This node is not among them.
[[nodiscard]] std::vector<transport::endpoint> places_to_try(const places_said& said, const transport::endpoint& own);

// Those of `places` where nobody is that this node is linked to.
[[nodiscard]] std::vector<transport::endpoint> without_linked(std::vector<transport::endpoint> places, const overlay::peer_status& s);

// What says that others are or were part of the overlay.
struct signs_of_others {
  bool member = false;                      // this node was in a ring, by what it has kept
  bool records = false;                     // there are some of an earlier time
  std::vector<transport::endpoint> places;  // of others
};
// Why node.first starts no ring; nothing: the overlay has never been.
[[nodiscard]] std::optional<std::string> why_no_new_ring(const signs_of_others& s);

// An ordinary node that hangs on no supernode; it looks for others than it has known.
[[nodiscard]] bool is_cut_off(const overlay::peer_status& s);
// Why a node that has joined can neither ask others nor be asked; nothing: it can.
[[nodiscard]] std::optional<std::string> why_out_of_ring(const overlay::peer_status& s);

}  // namespace phyllo::node
