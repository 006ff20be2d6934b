// MSPastry's experiment (Castro, Costa & Rowstron, DSN 2004, s.5), with the code that ships: look-ups while nodes come and go.
#include "churn.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <stdexcept>

#include "experiment.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

struct churn_parameters {
  churn_conditions conditions;
  double session_s = 8280;
  double skew_s = 0;
  std::string trace;
  std::vector<std::string> partitions;
  std::string mspastry;
};

// What must be shown of a run; nothing: it is a measurement.
struct limits {
  std::optional<double> lost, wrong, maintenance;
};

struct named_condition {
  const char* name;
  core::duration session;
  double loss;
  limits must;
};

// The paper reports <= 1.6e-5 lost and no wrong delivery without loss on links, <= 3.3e-5 lost and <= 1.6e-5 wrong with 5 %, and 0.239 to
// 0.256 control messages a second and node.
const std::vector<named_condition>& mspastry() {
  static const std::vector<named_condition> all{
      {"2.3h", 8280s, 0, {1.6e-5, 0.0, 0.30}},
      {"30min", 30min, 0, {1.6e-5, 0.0, std::nullopt}},
      {"loss", 8280s, 0.05, {3.3e-5, 1.6e-5, std::nullopt}},
      {"5min", 5min, 0, {1e-3, std::nullopt, std::nullopt}},
  };
  return all;
}

plot over_time(const churn_outcome& o, const std::string& file, const std::string& title, const std::string& unit,
               const std::function<double(const churn_window&)>& value) {
  plot p{.file = file, .title = title, .x = "hours", .y = unit, .lines = {}};
  series s{title, {}};
  for (const auto& w : o.windows) s.points.emplace_back(w.hours, value(w));
  p.lines.push_back(std::move(s));
  return p;
}

double share(std::uint64_t part, std::uint64_t of) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(of, 1));
}

void plots(const churn_conditions& c, const churn_outcome& o, report& r) {
  const auto file = "churn-" + c.name + "-";
  const auto rate = [](std::uint64_t n, const churn_window& w) { return share(n, w.lookups); };
  r.add(over_time(o, file + "lost", "look-ups lost", "share", [&](const auto& w) { return rate(w.lost, w); }));
  r.add(over_time(o, file + "wrong", "wrong deliveries", "share", [&](const auto& w) { return rate(w.wrong, w); }));
  r.add(over_time(o, file + "messages", "maintenance", "messages a second and node", [](const auto& w) { return w.messages; }));
  r.add(over_time(o, file + "stretch", "delay stretch", "times the direct delay", [](const auto& w) { return w.stretch; }));
  r.add(over_time(o, file + "active", "active nodes", "nodes", [](const auto& w) { return w.active; }));
}

// A figure, held against its limit if it has one.
void say(report& r, const std::string& name, double value, const std::optional<double>& limit, const std::string& unit = {}) {
  limit ? r.at_most(name, value, *limit, unit) : r.figure(name, value, unit);
}

void tell(const churn_conditions& c, const limits& must, const churn_outcome& o, bool check, report& r) {
  r.section(c.name + fmt::format(": {} nodes, {}, loss {:g} %", c.nodes, c.topology, 100 * c.loss));
  const auto count = [&](const std::string& name, std::uint64_t n) { r.figure(name, static_cast<double>(n)); };
  count("look-ups", o.lookups);
  count("look-ups whose originator was killed", o.abandoned);
  say(r, "lost", share(o.lost, o.lookups), must.lost);
  count("  of them never delivered", o.undelivered);
  say(r, "wrong deliveries", share(o.wrong, o.deliveries), must.wrong);
  if (!c.partitions.empty()) {
    count("  besides, within 10 s of a partition's end", o.merging_wrong);
    if (check) count("two roots of a key within 10 s of a partition's end", o.merging_roots);
  }
  r.figure("answered after a second or more", share(o.late, o.lookups));
  say(r, "maintenance", o.maintenance(), must.maintenance, "messages/s/node");
  for (const auto& [name, n] : o.messages) r.figure("  " + name, n, "messages/s/node");
  r.figure("look-ups' messages", o.lookup_messages, "messages/s/node");
  r.figure("mean hops", o.hops);
  r.figure("mean time to the answer", o.delay_ms, "ms");
  r.figure("delay stretch", o.stretch);
  r.figure("active nodes, mean", o.active);
  count("joins", o.joins);
  count("joins given up", o.joins_failed);
  count("departures", o.departures);
  r.figure("mean time to join", o.join_seconds, "s");
  r.figure("simulated", o.virtual_hours, "h");
  r.cost("took", o.wall_seconds, "s");
  for (const auto& b : o.broken) fmt::print(stderr, "{}: {}\n", c.name, b);
  if (check) r.invariant("one root a key, leaf sets symmetric once quiet", o.broken.empty() ? std::string() : o.broken.front());
  plots(c, o, r);
}

partition read_partition(const std::string& text) {
  partition p;
  double at = 0, lasts = 0;
  if (std::sscanf(text.c_str(), "%lf:%lf:%lf", &at, &lasts, &p.share) != 3 || at < 0 || lasts < 0 || p.share < 0 || p.share > 1) {
    throw std::runtime_error("--partition " + text + ": not AT_S:LASTS_S:SHARE");
  }
  p.at = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(at));
  p.lasts = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(lasts));
  return p;
}

void run(const churn_parameters& p, const settings& s, report& r) {
  auto c = p.conditions;
  c.skew = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(p.skew_s));
  for (const auto& text : p.partitions) c.partitions.push_back(read_partition(text));
  if (p.mspastry.empty()) {
    c.name = p.trace.empty() ? fmt::format("{:g} s", p.session_s) : "trace";
    c.session = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(p.session_s));
    if (!p.trace.empty()) c.trace = read_churn_trace(p.trace);
    return tell(c, {}, run_churn(c, s.seed, s.crypto, s.check), s.check, r);
  }
  for (const auto& condition : mspastry()) {
    if (p.mspastry != "all" && p.mspastry != condition.name) continue;
    c.name = condition.name;
    c.session = condition.session;
    c.loss = condition.loss;
    tell(c, condition.must, run_churn(c, s.seed, s.crypto, s.check), s.check, r);
  }
}

constexpr const char* churn_examples =
    "A trace is a text of lines `time_s join|leave|kill node`, times rising, nodes by any number; # begins a comment. Nodes\n"
    "that join at time 0 are there before the run begins. `leave` says so and hands over, `kill` falls silent.\n"
    "--partition 600:300:0.5 keeps half of the hosts from the others for 300 s, 600 s after the first look-up.\n"
    "--check asks at each look-up, arrival and departure the six nodes nearest to its key who holds itself for the root.\n\n"
    "Examples:\n"
    "  phyllo-sim churn --mspastry all --lookups 1000000 --plots figures\n"
    "  phyllo-sim churn --nodes 300 --session 1800 --lookups 20000 --loss 0.05 --check";

}  // namespace

void add_churn(CLI::App& app, const settings& s, experiment& chosen) {
  static churn_parameters p;
  auto& c = *app.add_subcommand("churn", "Look-ups while nodes come and go: lost, wrong, and what it costs");
  c.footer(churn_examples);
  auto& o = p.conditions;
  c.add_option("--nodes", o.nodes, "Live nodes")->capture_default_str();
  c.add_option("--session", p.session_s, "Mean session in seconds, of an exponential distribution")->capture_default_str();
  c.add_option("--trace", p.trace, "Play this instead of sessions")->type_name("FILE")->check(CLI::ExistingFile);
  c.add_option("--leaving", o.leaving, "Of those that go, the part that says so; the others are killed")->check(CLI::Range(0.0, 1.0));
  c.add_option("--loss", o.loss, "Of each transmission and each ACK")->check(CLI::Range(0.0, 0.9));
  c.add_option("--lookups", o.lookups, "Look-ups of random keys")->capture_default_str();
  c.add_option("--rate", o.rate, "Look-ups a second and node")->capture_default_str()->check(CLI::PositiveNumber);
  c.add_option("--sends", o.sends, "Of a look-up, end to end; 1 as MSPastry has it")->capture_default_str()->check(CLI::Range(1, 5));
  c.add_option("--topology", o.topology, "flat: 5 ms one way; plane; transit-stub: GT-ITM's, as MSPastry's")
      ->capture_default_str()
      ->check(CLI::IsMember({"flat", "plane", "transit-stub"}));
  c.add_option("--skew", p.skew_s, "Hosts' clocks are wrong by up to so many seconds");
  c.add_option("--malicious", o.malicious, "The part of nodes that drop what they should forward")->check(CLI::Range(0.0, 0.9));
  c.add_option("--partition", p.partitions, "AT_S:LASTS_S:SHARE, any number of them")->type_name("SCHEDULE");
  c.add_flag("--resets", o.resets, "Links of a killed node break at once; else it falls silent");
  c.add_option("--mspastry", p.mspastry, "The paper's conditions, with the limits they must keep: 2.3h, 30min, loss, 5min or all")
      ->check(CLI::IsMember({"all", "2.3h", "30min", "loss", "5min"}));
  c.callback([&s, &chosen] { chosen = [&s](report& r) { run(p, s, r); }; });
}

}  // namespace phyllo::simulate
