// The promise of replicated storage (src/overlay/storage.md), under random schedules of faults.
#include <fmt/format.h>

#include <algorithm>

#include "experiment.hpp"
#include "processes.hpp"
#include "progress.hpp"
#include "storage_schedule.hpp"

namespace phyllo::simulate {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(schedule_outcome::tally, answered, unanswered)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(schedule_outcome, broken, events, nodes, operations, small_side, large_side, repairs_s, reads_ms,
                                   crashes, partitions, joins, leaves, virtual_s)

namespace {

struct storage_parameters {
  std::size_t first = 1;
  std::size_t schedules = 20;
  schedule_options each;
  std::size_t jobs = 1;
  bool events = false;
};

// Seeds of neighbouring schedules have nothing in common (splitmix64).
std::uint64_t seed_of(std::uint64_t seed, std::size_t schedule) {
  auto z = seed * 0x9e3779b97f4a7c15 + schedule * 0xd1342543de82ef95;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

struct sums {
  std::map<std::string, schedule_outcome::tally> operations;
  schedule_outcome::tally small_side, large_side;
  std::size_t crashes = 0, partitions = 0, joins = 0, leaves = 0, broken = 0;
  std::vector<double> repairs, reads;
  double virtual_s = 0;
  std::string first_breach;
};

void add_to(schedule_outcome::tally& to, const schedule_outcome::tally& t) {
  to.answered += t.answered;
  to.unanswered += t.unanswered;
}

double share(const schedule_outcome::tally& t) {
  const auto all = static_cast<double>(t.answered + t.unanswered);
  return all > 0 ? 100 * static_cast<double>(t.answered) / all : 100;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

void take(sums& s, const schedule_outcome& o) {
  for (const auto& [name, t] : o.operations) add_to(s.operations[name], t);
  add_to(s.small_side, o.small_side);
  add_to(s.large_side, o.large_side);
  s.crashes += o.crashes;
  s.partitions += o.partitions;
  s.joins += o.joins;
  s.leaves += o.leaves;
  s.repairs.insert(s.repairs.end(), o.repairs_s.begin(), o.repairs_s.end());
  s.reads.insert(s.reads.end(), o.reads_ms.begin(), o.reads_ms.end());
  s.virtual_s += o.virtual_s;
}

void tell(const schedule_outcome& o, std::size_t number, const std::string& replay, bool all) {
  if (o.broken.empty() && !all) return;
  fmt::print(stderr, "schedule {}{}:\n", number, o.broken.empty() ? "" : " BROKE the promise");
  for (const auto& e : o.events) fmt::print(stderr, "  {}\n", e);
  if (!o.broken.empty()) fmt::print(stderr, "  this schedule again: {}\n", replay);
}

plot distribution(const char* file, const char* title, const char* x, std::vector<double> values) {
  std::ranges::sort(values);
  plot p{.file = file, .title = title, .x = x, .y = "share", .logarithmic = false, .bars = false, .lines = {{"all", {}}}};
  for (int i = 0; i <= 100 && !values.empty(); ++i) {
    const auto at = static_cast<std::size_t>(i) * (values.size() - 1) / 100;
    p.lines[0].points.emplace_back(values[at], i / 100.0);
  }
  return p;
}

void publish(sums& s, const storage_parameters& p, report& r) {
  r.section("what was done");
  r.figure("schedules", static_cast<double>(p.schedules));
  r.figure("records in each", static_cast<double>(p.each.records));
  r.figure("virtual time", s.virtual_s / 3600, "h");
  r.figure("crashes", static_cast<double>(s.crashes));
  r.figure("partitions", static_cast<double>(s.partitions));
  r.figure("joins", static_cast<double>(s.joins));
  r.figure("nodes that left in good order", static_cast<double>(s.leaves));
  for (const auto& [name, t] : s.operations) {
    r.figure(name + ": answered", static_cast<double>(t.answered));
    r.figure(name + ": not answered", static_cast<double>(t.unanswered));
  }
  r.section("the promise");
  r.invariant("what was answered is kept, what was removed stays away", s.first_breach);
  r.at_most("schedules that broke it", static_cast<double>(s.broken), 0);
  if (s.partitions > 0) {
    r.at_least("answered on the smaller side of a partition", share(s.small_side), 98, "%");
    r.at_least("answered on the larger side", share(s.large_side), 98, "%");
  }
  r.section("how soon");
  r.figure("whole again after faults, median", quantile(s.repairs, 0.5), "s");
  r.figure("whole again after faults, 99 of 100", quantile(s.repairs, 0.99), "s");
  r.figure("default read, median", quantile(s.reads, 0.5), "ms");
  r.figure("default read, 99 of 100", quantile(s.reads, 0.99), "ms");
  r.add(distribution("storage-repair", "Time until all is whole after faults", "seconds", s.repairs));
  r.add(distribution("storage-reads", "Default reads, faults and all", "milliseconds", s.reads));
}

schedule_outcome run_one(const storage_parameters& p, const settings& s, std::size_t number) {
  auto o = p.each;
  o.seed = seed_of(s.seed, number);
  o.crypto = s.crypto;
  return storage_schedule(o).run();
}

// All, by their numbers: in this process, or each in one of its own.
std::map<std::size_t, schedule_outcome> run_all(const storage_parameters& p, const settings& s) {
  std::map<std::size_t, schedule_outcome> all;
  progress bar("schedules");
  const auto take_one = [&](std::size_t number, schedule_outcome outcome) {
    const auto& o = p.each;
    const auto replay =
        fmt::format("phyllo-sim storage --seed {} --first {} --schedules 1 --records {} --nodes {} --phases {} --rate {:g} --crypto {}",
                    s.seed, number, o.records, o.nodes, o.phases, o.operations, sim::name_of(s.crypto));
    tell(outcome, number, replay, p.events);
    all[number] = std::move(outcome);
    bar.at(static_cast<double>(all.size()), static_cast<double>(p.schedules));
  };
  if (p.jobs < 2) {
    for (std::size_t i = p.first; i < p.first + p.schedules; ++i) take_one(i, run_one(p, s, i));
    return all;
  }
  process_work w{.first = p.first, .count = p.schedules, .at_once = p.jobs, .work = {}, .done = {}};
  w.work = [&](std::size_t number) { return nlohmann::json(run_one(p, s, number)); };
  w.done = [&](std::size_t number, const nlohmann::json& result, const std::string& died) {
    schedule_outcome outcome;
    if (died.empty()) {
      outcome = result.get<schedule_outcome>();
    } else {
      outcome.broken.push_back("its process ended by " + died);
    }
    take_one(number, std::move(outcome));
  };
  run_in_processes(w);
  return all;
}

void run(const storage_parameters& p, const settings& s, report& r) {
  sums all;
  for (const auto& [number, outcome] : run_all(p, s)) {
    take(all, outcome);
    if (outcome.broken.empty()) continue;
    ++all.broken;
    if (all.first_breach.empty()) all.first_breach = fmt::format("schedule {}: {}", number, outcome.broken.front());
  }
  publish(all, p, r);
}

}  // namespace

void add_storage(CLI::App& app, const settings& s, experiment& chosen) {
  static storage_parameters p;
  auto& c = *app.add_subcommand("storage", "The promise of storage under random faults, every answer judged");
  c.add_option("--schedules", p.schedules, "Schedules of faults, each with a seed of its own")->capture_default_str();
  c.add_option("--first", p.first, "Number of the first one")->capture_default_str();
  c.add_option("--records", p.each.records, "Records in each")->capture_default_str();
  c.add_option("--nodes", p.each.nodes, "Nodes of a ring at the start, at most")->capture_default_str()->check(CLI::Range(9, 1000));
  c.add_option("--phases", p.each.phases, "Phases of faults and repair")->capture_default_str();
  c.add_option("--rate", p.each.operations, "Operations begun in a second")->capture_default_str();
  c.add_option("--jobs", p.jobs, "Schedules at a time, each in a process of its own if more than one")->capture_default_str();
  c.add_flag("--events", p.events, "Tell what happened in every schedule, not only in broken ones");
  c.callback([&s, &chosen] { chosen = [&s](report& r) { run(p, s, r); }; });
}

}  // namespace phyllo::simulate
