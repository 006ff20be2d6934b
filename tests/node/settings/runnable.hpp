// The least configuration that can be run, and what is said of another.
#pragma once

#include <string>

#include "phyllo/node/configuration.hpp"

namespace phyllo::testing {

// `more` is put after it.
inline std::string runnable(const std::string& more = {}) {
  return "[node]\naddress = \"127.60.0.1\"\nuser = \"node@example.com\"\n[overlay]\nname = \"overlay.example.com\"\n[login]\nenabled = "
         "true\n" +
         more;
}

inline std::string error_of(const std::string& text, const node::overrides& o = {}) {
  const auto c = node::parse_configuration(text, "f.toml", o);
  return c ? std::string() : c.error().detail();
}

struct rejected {
  const char* text;
  const char* message;
};

}  // namespace phyllo::testing
