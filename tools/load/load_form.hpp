// The command line of phyllo-load: which words it takes, and what it says of one that it does not know.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "options.hpp"

namespace phyllo::load {

void add_commands(CLI::App& app, options& o);          // of SIP and STUN
void add_further_commands(CLI::App& app, options& o);  // of connections and records

// What is wrong with `given`, and what to write instead.
[[nodiscard]] std::string complaint_of(const CLI::App& app, const CLI::ParseError& e, const std::vector<std::string>& given);

}  // namespace phyllo::load
