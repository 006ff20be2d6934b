// An overlay's authority and its document in a directory of their own.
#pragma once

#include <doctest.h>

#include "phyllo/enrollment/overlay_authority.hpp"
#include "support/authority_settings.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace phyllo::testing {

struct authority_in_directory {
  real_world world;
  temporary_directory directory;
  enrollment::authority_settings s = authority_settings(directory.file("ca"));

  authority_in_directory() { s.bootstrap.push_back({"192.0.2.9", 6085}); }
};

}  // namespace phyllo::testing
