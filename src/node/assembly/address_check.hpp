// Whether this machine has the addresses of a configuration, and its ports are free.
#pragma once

#include "phyllo/node/configuration.hpp"
#include "phyllo/node/findings.hpp"

namespace phyllo::node {

// Binds each for a moment. While a node runs with this data directory the ports are its own, and only the addresses are looked at.
void check_addresses(const configuration& c, findings& out);

}  // namespace phyllo::node
