// What a configuration says of the overlay that its login server runs.
#pragma once

#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// `c` is valid.
[[nodiscard]] enrollment::authority_settings authority_settings_of(const configuration& c);

}  // namespace phyllo::node
