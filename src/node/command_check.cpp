#include <cstdio>
#include <nlohmann/json.hpp>

#include "outcome.hpp"
#include "phyllo/node/command.hpp"
#include "phyllo/node/version.hpp"

namespace phyllo::node {

exit_code check(const source& s, bool json) {
  const auto c = read_configuration(s.file, s.set);
  if (!c) return report(c.error(), json);
  if (json) {
    std::puts(nlohmann::json{{"file", s.file}, {"ok", true}}.dump().c_str());
  } else {
    std::printf("%s: ok\n", s.file.c_str());
  }
  return exit_code::ok;
}

exit_code show_version(bool json) {
  if (json) {
    std::puts(nlohmann::json{{"version", version}}.dump().c_str());
  } else {
    std::printf("supernode %s\n", version);
  }
  return exit_code::ok;
}

}  // namespace phyllo::node
