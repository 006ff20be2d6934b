// What an operator says of an overlay of the tests'.
#pragma once

#include <string>

#include "phyllo/enrollment/overlay_authority.hpp"

namespace phyllo::testing {

inline enrollment::authority_settings authority_settings(const std::string& directory, const std::string& overlay = "overlay.example.com") {
  enrollment::authority_settings s;
  s.overlay = overlay;
  s.directory = directory;
  s.enrollment_url = "https://127.60.0.1:443/.well-known/reload-enroll";
  s.bootstrap = {{"127.60.0.1", 6084}};
  return s;
}

}  // namespace phyllo::testing
