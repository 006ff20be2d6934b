// What was found out about a configuration before it is run, each as "KEY: PATH: what is wrong; what to do".
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace phyllo::node {

struct findings {
  std::vector<std::string> errors;    // keep a node from running
  std::vector<std::string> failing;   // it runs, and what this is for fails until it is mended: an expired certificate
  std::vector<std::string> warnings;  // it runs, and somebody should know

  // Of a reader of several files: a line each, with its key.
  void add_errors(std::string_view lines) {
    for (std::size_t end = 0; !lines.empty(); lines.remove_prefix(std::min(end + 1, lines.size()))) {
      end = std::min(lines.find('\n'), lines.size());
      errors.emplace_back(lines.substr(0, end));
    }
  }
  void error(std::string_view key, std::string_view what) { errors.push_back(fmt::format("{}: {}", key, what)); }
  void fails(std::string_view key, std::string_view what) { failing.push_back(fmt::format("{}: {}", key, what)); }
  void warning(std::string_view key, std::string_view what) { warnings.push_back(fmt::format("{}: {}", key, what)); }
};

}  // namespace phyllo::node
