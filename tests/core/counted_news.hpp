// How often this thread has asked operator new for memory.
#pragma once

#include <cstddef>

namespace phyllo::testing {

[[nodiscard]] std::size_t news() noexcept;

}  // namespace phyllo::testing
