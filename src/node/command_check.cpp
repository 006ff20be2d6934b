#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "configuration_files.hpp"
#include "json_text.hpp"
#include "outcome.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/command.hpp"
#include "phyllo/node/version.hpp"

namespace phyllo::node {

exit_code check(const source& s, bool json) {
  const auto c = read_configuration(s.file, s.set);
  if (!c) return report(c.error(), json);
  core::shard shard("command");
  if (const auto good = check_files(shard.env(), *c); !good)
    return report(core::error(errc::configuration, fmt::format("{}: {}", s.file, good.error().detail())), json);
  if (json) {
    std::puts(printed({{"file", s.file}, {"ok", true}}).c_str());
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
