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

// At most 64 of the links' addresses; nothing is written while there are none.
core::status save_known_peers(const configuration& c, const overlay::peer_status& s);

// Where others reach this node's overlay port; unspecified if it has no address of its own.
[[nodiscard]] transport::endpoint own_endpoint(const configuration& c);

// The first of each, then the second of each, and so on.
[[nodiscard]] std::vector<transport::endpoint> interleaved(const std::vector<std::vector<transport::endpoint>>& sources);

// Both kinds of link to each endpoint, this node's own left out, no duplicates.
[[nodiscard]] std::vector<transport::candidate> candidates_of(const configuration& c, const std::vector<transport::endpoint>& at);

}  // namespace phyllo::node
