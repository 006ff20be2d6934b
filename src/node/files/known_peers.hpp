// Addresses of nodes met earlier, kept on disk: a node that restarts finds its overlay without the bootstrap servers,
// and the first node rejoins what it started instead of starting another.
#pragma once

#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

[[nodiscard]] std::vector<transport::endpoint> load_known_peers(const configuration& c);  // none if there is no file

// What is worth keeping of those `known` so far and those linked now: at most 64 supernodes, the reached ones first and of these the
// longest known, spread over the ring. Who is out of reach stays for as long as there is room: fewer links never make fewer places.
[[nodiscard]] std::vector<transport::endpoint> merge_known_peers(const std::vector<transport::endpoint>& known,
                                                                 const overlay::peer_status& s, std::uint16_t reload_port);

// Into the file, what merge_known_peers makes of what stands there and of `s`.
core::status save_known_peers(const configuration& c, const overlay::peer_status& s);

// Where others reach this node's overlay port; unspecified if it has no address of its own.
[[nodiscard]] transport::endpoint own_endpoint(const configuration& c);

// The first of each, then the second of each, and so on.
[[nodiscard]] std::vector<transport::endpoint> interleaved(const std::vector<std::vector<transport::endpoint>>& sources);

// Both kinds of link to each endpoint, this node's own left out, no duplicates.
[[nodiscard]] std::vector<transport::candidate> candidates_of(const configuration& c, const std::vector<transport::endpoint>& at);

}  // namespace phyllo::node
