#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "owner.hpp"
#include "phyllo/command/command.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/json_text.hpp"
#include "phyllo/node/start_check.hpp"
#include "phyllo/node/version.hpp"
#include "report.hpp"

namespace phyllo::command {
namespace {

// What of the file itself is wrong, or else what a start with it would meet; as the user who would start it.
node::findings found_in(const source& s) {
  node::findings out;
  const auto c = node::read_configuration(s.file, s.set);
  if (!c) {
    std::istringstream lines(c.error().detail());
    for (std::string line; std::getline(lines, line);) out.errors.push_back(line);
    return out;
  }
  if (const auto as = act_as_owner(c->node.data_directory, kept_right::bind); !as) {
    out.error("node.data_directory", as.error().detail());
    return out;
  }
  core::shard shard("command");
  out = node::check_start(shard.env(), *c);
  for (auto* kind : {&out.errors, &out.failing, &out.warnings}) {
    for (auto& line : *kind) line = fmt::format("{}: {}", s.file, line);
  }
  out.errors.insert(out.errors.end(), out.failing.begin(), out.failing.end());
  return out;
}

}  // namespace

exit_code check(const source& s, bool json) {
  const auto found = found_in(s);
  const bool good = found.errors.empty();
  if (json) {
    nlohmann::json out{{"file", s.file}, {"ok", good}, {"errors", found.errors}, {"warnings", found.warnings}};
    if (!good) out["error"] = "configuration";
    if (!good) out["message"] = found.errors.front();
    std::puts(node::printed(out).c_str());
    return good ? exit_code::ok : exit_code::usage;
  }
  for (const auto& line : found.errors) std::fprintf(stderr, "supernode: wrong configuration: %s\n", line.c_str());
  for (const auto& line : found.warnings) std::fprintf(stderr, "supernode: warning: %s\n", line.c_str());
  if (good) std::printf("%s: ok\n", s.file.c_str());
  return good ? exit_code::ok : exit_code::usage;
}

exit_code show_version(bool json) {
  if (json) {
    std::puts(nlohmann::json{{"version", node::version}}.dump().c_str());
  } else {
    std::printf("supernode %s\n", node::version);
  }
  return exit_code::ok;
}

}  // namespace phyllo::command
