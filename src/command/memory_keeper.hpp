// Gives memory back to the system after a storm: what floods and crowds took stays with the allocator else, for ever.
#pragma once

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/heap.hpp"

namespace phyllo::command {

// Whether giving back is worth its pause: much is free, against what is used, and the process has had little to do.
// `busy`: the share of one core that it took lately.
[[nodiscard]] bool worth_giving_back(const core::heap_use& heap, double busy) noexcept;

// Looks every 20 seconds, until cancelled. `env` must outlive it.
core::awaitable<void> keep_memory_small(core::environment& env);

}  // namespace phyllo::command
