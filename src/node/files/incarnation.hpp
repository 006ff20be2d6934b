// The number of a node's start, by which its neighbours tell it from the one before (src/overlay/pastry.md).
#pragma once

#include <cstdint>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// Unix seconds, or one more than the last that was given where that is greater: two starts within a second, or a clock that was put back.
// Kept in the data directory before it is returned. disk's io.
[[nodiscard]] core::result<std::uint32_t> next_incarnation(core::environment& env, const configuration& c);

}  // namespace phyllo::node
