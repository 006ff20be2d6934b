// One message of each kind, and what it says.
#pragma once

#include "vectors/cast.hpp"
#include "vectors/describe.hpp"
#include "vectors/value_vectors.hpp"

namespace phyllo::testing {

[[nodiscard]] json message_vectors(const cast& c);

}  // namespace phyllo::testing
