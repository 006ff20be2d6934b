// The simulator's network, by the names that tests have for it.
#pragma once

#include "phyllo/sim/network.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace phyllo::testing {

using namespace std::chrono_literals;
using simulated_network = sim::network;
using simulated_host = sim::host;

}  // namespace phyllo::testing
