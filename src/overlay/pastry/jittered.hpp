// Times that many nodes do not share: about so far off, a half more or less.
#pragma once

#include "phyllo/core/environment.hpp"

namespace phyllo::overlay {

[[nodiscard]] inline core::time_point jittered(core::environment& env, core::time_point now, core::duration every) {
  return now + core::random_between(env, every / 2, every * 3 / 2);
}

}  // namespace phyllo::overlay
