// What a configuration names on this machine: whether a node that is started with it will find what it needs.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// `c` is valid. errc::configuration: "KEY: PATH: what is wrong with it". Nothing is made or changed.
[[nodiscard]] core::status check_files(core::environment& env, const configuration& c);

}  // namespace phyllo::node
