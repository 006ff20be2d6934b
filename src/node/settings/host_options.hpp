// From the configuration to what the node's sockets need.
#pragma once

#include <optional>
#include <string>

#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// "2001:db8::7", or "10.0.0.7=203.0.113.7": the address to listen on and the one that others dial. Nothing: neither.
[[nodiscard]] std::optional<transport::bound_address> bound_address_of(const std::string& text);
// `c` is valid.
[[nodiscard]] transport::host_options host_options_of(const configuration& c);
// What each of so many hosts of a node may have of what its limits grant to all sources together. A source is one host's, with all of its
// limits; STUN is the first's.
[[nodiscard]] transport::host_limits part_of(transport::host_limits limits, unsigned shards);

}  // namespace phyllo::node
