// phyllo-load: loads a SIP or STUN server, Phyllo or any other, and says what it did and how long it took.
#include <csignal>
#include <fstream>
#include <iostream>
#include <random>

#include "load_form.hpp"
#include "load_run.hpp"
#include "phyllo/node/version.hpp"

namespace {

using namespace phyllo::load;

constexpr int held = 0, limit_broken = 1, wrong_usage = 2, not_possible = 3;
constexpr const char* exit_codes = "Exit codes: 0 ok, 1 a limit is broken, 2 usage, 3 the load can not begin.";

std::atomic<bool> stop = false;

bool write_file(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  if (!out) std::cerr << "phyllo-load: " << file << " can not be written: is its directory there, and yours?\n";
  return static_cast<bool>(out);
}

bool write_files(const options& o, const outcome& result) {
  bool good = o.output.csv_file.empty() || write_file(o.output.csv_file, csv_of(result));
  std::ostringstream percentiles;
  result.total.whole.print_percentiles(percentiles);
  if (!o.output.percentiles_file.empty()) good = write_file(o.output.percentiles_file, percentiles.str()) && good;
  return good;
}

int conclude(const options& o, const outcome& result) {
  const auto broken = broken_limits(result, o.load);
  if (o.output.json) {
    auto j = json_of(o, result);
    j["broken"] = nlohmann::json::array();
    for (const auto& b : broken) j["broken"].push_back(b.text);
    std::cout << j.dump(2) << "\n";
  } else {
    std::cout << table_of(o, result);
    for (const auto& b : broken) std::cout << "limit: " << b.text << "\n";
  }
  if (!write_files(o, result)) return not_possible;
  return broken.empty() ? held : limit_broken;
}

int perform(const options& o) {
  load_run run(o, stop);
  if (const auto ready = run.prepare(); !ready) {
    const auto& e = ready.error();
    std::cerr << "phyllo-load: " << (e.detail().empty() ? e.message() : e.detail()) << "\n";
    return not_possible;
  }
  return conclude(o, o.load.search ? run.search() : run.run_at(o.load.rate));
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{
      "Loads a SIP or STUN server at a fixed rate, or finds the highest that it bears; latencies count from the time at which an "
      "operation should have begun",
      "phyllo-load"};
  app.footer(std::string("Example:\n  phyllo-load sip-register 192.0.2.1 --users-file users.csv --rate 500 --fail-above p99=50ms\n\n") +
             exit_codes);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("phyllo-load ") + phyllo::node::version);
  add_commands(app, o);
  add_further_commands(app, o);
  const std::vector<std::string> given(argv + 1, argv + argc);
  try {
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));  // the last first
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    std::cerr << "phyllo-load: " << complaint_of(app, e, given) << "; see phyllo-load " << o.command << (o.command.empty() ? "" : " ")
              << "--help\n";
    return wrong_usage;
  }
  if (o.load.seed == 0) o.load.seed = std::random_device()();
  for (const int s : {SIGINT, SIGTERM}) std::signal(s, [](int) { stop = true; });
  return perform(o);
}
