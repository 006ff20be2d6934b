// What the experiments of phyllo-sim have in common: an experiment is a subcommand that simulates, and fills a report.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>

#include "phyllo/sim/issuer.hpp"
#include "report.hpp"

namespace phyllo::simulate {

// Options of every experiment.
struct settings {
  std::uint64_t seed = 1;
  sim::crypto crypto = sim::crypto::model;
  bool check = false;  // invariants at every step, not only at the end
  std::string json;    // file for the report; "-": standard output, instead of the table
  std::string plots;   // directory for one SVG a figure; empty: none
  std::string replay;  // the command line that repeats this run, seed included
};

// What the chosen subcommand does. It reads `settings` when it runs.
using experiment = std::function<void(report&)>;

// Each adds its subcommand to `app` and sets `chosen` when it is given. References live until the program ends.
void add_calls(CLI::App& app, const settings& s, experiment& chosen);
void add_churn(CLI::App& app, const settings& s, experiment& chosen);
void add_paper(CLI::App& app, const settings& s, experiment& chosen);
void add_revocation(CLI::App& app, const settings& s, experiment& chosen);
void add_storm(CLI::App& app, const settings& s, experiment& chosen);
void add_storage(CLI::App& app, const settings& s, experiment& chosen);

}  // namespace phyllo::simulate
