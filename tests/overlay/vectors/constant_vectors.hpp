// Constants that other nodes meet, by the names that the draft's table has for them.
#pragma once

#include "vectors/describe.hpp"

namespace phyllo::testing {

[[nodiscard]] json constant_vectors();

}  // namespace phyllo::testing
