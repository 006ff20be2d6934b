// What the configuration, the environment and the data directory say of the fallback ladder.
#pragma once

#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::node {

// A proxy of the environment (https_proxy, no_proxy, in lower or upper case) that can not be read is left out.
[[nodiscard]] transport::ladder_options ladder_options_of(const configuration& c);

// Which rung won in which network: the file `rungs` of the data directory.
[[nodiscard]] transport::rung_memory load_rungs(const configuration& c);
core::status save_rungs(const configuration& c, const transport::rung_memory& m);

}  // namespace phyllo::node
