// From the configuration to what the node's peer needs.
#pragma once

#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

// `c` is valid. `first`: this node starts the overlay. What is kept on disk is the caller's to add.
[[nodiscard]] overlay::peer_options peer_options_of(const configuration& c, bool first);

}  // namespace phyllo::node
