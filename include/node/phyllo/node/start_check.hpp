// Whether a node that is started with a configuration will find on this machine what it needs: all that a start loads is loaded.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/node/findings.hpp"

namespace phyllo::node {

// `c` is valid. All that is wrong, not the first of it. Nothing is made or changed; ports are bound for a moment, unless a node runs with
// this data directory.
[[nodiscard]] findings check_start(core::environment& env, const configuration& c);

}  // namespace phyllo::node
