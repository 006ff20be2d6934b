// phyllo-sim: arguments in, a report out. What is simulated is each experiment's.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "experiment.hpp"

namespace {

using namespace phyllo;
using namespace phyllo::simulate;

constexpr const char* examples =
    "Examples:\n"
    "  phyllo-sim paper --nodes 10000 --plots figures\n"
    "  phyllo-sim paper --seed 7 --json report.json\n"
    "  phyllo-sim calls --nodes 500 --users 10000\n"
    "  phyllo-sim storage --schedules 200 --records 1000\n\n"
    "All that happens depends on the seed: the same command prints the same figures.\n"
    "Exit codes: 0 all held, 1 a limit or an invariant was missed, 2 wrong usage.";

void add_settings(CLI::App& app, settings& s) {
  const std::map<std::string, sim::crypto> kinds{{"model", sim::crypto::model}, {"real", sim::crypto::real}};
  app.add_option("--seed", s.seed, "What all chance follows from")->capture_default_str();
  app.add_option("--crypto", s.crypto, "model: a keyed hash of a signature's size; real: Ed25519 and X.509")
      ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case))
      ->default_str("model");
  app.add_flag("--check", s.check, "Check the invariants at every step");
  app.add_option("--json", s.json, "Write the report as JSON; - for standard output")->type_name("FILE");
  app.add_option("--plots", s.plots, "Write an SVG of each figure there")->type_name("DIRECTORY")->check(CLI::ExistingDirectory);
}

bool write(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.flush();
  if (!out) fmt::print(stderr, "error: {} can not be written\n", file);
  return static_cast<bool>(out);
}

bool publish(const report& r, const settings& s) {
  auto json = r.json();
  json["crypto"] = sim::name_of(s.crypto);
  json["seed"] = s.seed;
  bool good = true;
  if (s.json != "-") fmt::print("{}\nsignatures: {}; seed {}\n", r.table(), sim::name_of(s.crypto), s.seed);
  if (s.json == "-") fmt::print("{}\n", json.dump());
  if (!s.json.empty() && s.json != "-") good = write(s.json, json.dump(1) + "\n");
  if (!s.plots.empty()) {
    for (const auto& p : r.plots()) good = write(s.plots + "/" + p.file + ".svg", p.svg()) && good;
  }
  if (!r.held()) fmt::print(stderr, "missed; the same again: {}\n", s.replay);
  return good;
}

std::string command_line(int argc, char** argv) {
  std::string line;
  bool seeded = false;
  for (int i = 0; i < argc; ++i) {
    const std::string word = argv[i];
    seeded = seeded || word.starts_with("--seed");
    line += (i == 0 ? "" : " ") + word;
  }
  return line + (seeded ? "" : " --seed 1");
}

}  // namespace

int main(int argc, char** argv) {
  settings s;
  s.replay = command_line(argc, argv);
  experiment chosen;
  CLI::App app{"phyllo-sim: the overlay that ships, under virtual time on a simulated network", "phyllo-sim"};
  app.footer(examples);
  app.require_subcommand(1);
  app.fallthrough();  // the common options may stand behind the experiment's name
  add_settings(app, s);
  add_calls(app, s, chosen);
  add_churn(app, s, chosen);
  add_paper(app, s, chosen);
  add_revocation(app, s, chosen);
  add_storm(app, s, chosen);
  add_storage(app, s, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  report r;
  try {
    chosen(r);
  } catch (const std::runtime_error& e) {  // a file or an option that can not be what was meant
    fmt::print(stderr, "error: {}\n", e.what());
    return 2;
  }
  return publish(r, s) && r.held() ? 0 : 1;
}
