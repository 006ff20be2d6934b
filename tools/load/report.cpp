#include "report.hpp"

#include <fmt/format.h>

#include "phyllo/node/version.hpp"

namespace phyllo::load {
namespace {

double ms(std::uint64_t us) { return static_cast<double>(us) / 1000; }

nlohmann::json latency_json(const histogram& h) {
  nlohmann::json out{{"count", h.count()}, {"mean_us", h.mean_us()}, {"max_us", h.max_us()}};
  for (const auto& [name, percent] : {std::pair("p50_us", 50.0), {"p90_us", 90.0}, {"p99_us", 99.0}, {"p99_9_us", 99.9}})
    out[name] = h.percentile_us(percent);
  return out;
}

std::string latency_line(std::string_view name, const histogram& h) {
  return fmt::format("{:14}{:10}{:10.3f}{:10.3f}{:10.3f}{:10.3f}{:10.3f}{:10.3f}\n", name, h.count(), h.mean_us() / 1000,
                     ms(h.percentile_us(50)), ms(h.percentile_us(90)), ms(h.percentile_us(99)), ms(h.percentile_us(99.9)), ms(h.max_us()));
}

double done_per_cpu_s(const outcome& o) { return o.cpu_s > 0 ? static_cast<double>(o.total.succeeded) / o.cpu_s : 0; }

}  // namespace

double done_rate(const outcome& o) noexcept { return o.seconds > 0 ? static_cast<double>(o.total.succeeded) / o.seconds : 0; }

bool fell_behind(const outcome& o) noexcept { return o.total.behind.percentile_us(99) > 20'000; }

std::vector<broken_limit> broken_limits(const outcome& o, const load_options& l) {
  std::vector<broken_limit> out;
  for (const auto& one : l.limits) {
    if (one.holds(o.total.whole)) continue;
    const auto most = std::chrono::duration<double, std::milli>(one.most).count();
    out.push_back({fmt::format("{} is {:.3f} ms, more than {:g} ms", one.name, ms(one.value_us(o.total.whole)), most)});
  }
  if (l.failed_most && o.total.failed_share() > *l.failed_most)
    out.push_back({fmt::format("{:.4f} % failed, more than {:g} %", o.total.failed_share() * 100, *l.failed_most * 100)});
  if (o.total.succeeded + o.total.failed == 0) out.push_back({"nothing was done: there is nothing to judge"});
  return out;
}

nlohmann::json json_of(const options& given, const outcome& o) {
  const auto& t = o.total;
  nlohmann::json out{{"program", "phyllo-load"}, {"version", node::version}, {"command", given.command}, {"seed", given.load.seed}};
  out["target"] = given.network.target;
  out["rate"] = o.rate;
  out["seconds"] = o.seconds;
  out["operations"] = {{"started", t.started}, {"succeeded", t.succeeded}, {"failed", t.failed}, {"failed_share", t.failed_share()}};
  out["failures"] = nlohmann::json::object();
  for (const auto& f : t.failures) out["failures"][f.reason] = f.count;
  out["done_per_second"] = done_rate(o);
  out["latency"]["whole"] = latency_json(t.whole);
  for (const auto& p : t.parts) out["latency"][p.name] = latency_json(p.values);
  out["retransmissions"] = t.retransmissions;
  out["unexpected"] = t.unexpected;
  out["generator"] = {
      {"cpu_s", o.cpu_s}, {"done_per_cpu_s", done_per_cpu_s(o)}, {"late_start", latency_json(t.behind)}, {"fell_behind", fell_behind(o)}};
  if (!o.trouble.empty()) out["trouble"] = o.trouble;
  return out;
}

std::string table_of(const options& given, const outcome& o) {
  const auto& t = o.total;
  auto out = fmt::format("phyllo-load {} {} {}, seed {}\n", node::version, given.command, given.network.target, given.load.seed);
  out += fmt::format("{:.0f} a second for {:.1f} s: {} begun, {} succeeded ({:.1f} a second), {} failed ({:.4f} %)\n", o.rate, o.seconds,
                     t.started, t.succeeded, done_rate(o), t.failed, t.failed_share() * 100);
  for (const auto& f : t.failures) out += fmt::format("  {:8}  {}\n", f.count, f.reason);
  out +=
      fmt::format("{:14}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "latency, ms", "count", "mean", "p50", "p90", "p99", "p99.9", "max");
  out += latency_line("whole", t.whole);
  for (const auto& p : t.parts) out += latency_line(p.name, p.values);
  out += fmt::format("{} sent again, {} unexpected; this program: {:.2f} s of CPU, {:.0f} done a second of it\n", t.retransmissions,
                     t.unexpected, o.cpu_s, done_per_cpu_s(o));
  if (fell_behind(o))
    out += fmt::format("note: this program began one in a hundred more than {:.0f} ms late; give it more --threads, or a lower --rate\n",
                       ms(t.behind.percentile_us(99)));
  if (!o.trouble.empty()) out += "note: " + o.trouble + "\n";
  return out;
}

std::string csv_of(const outcome& o) {
  std::string out = "second,started,succeeded,failed,p50_us,p99_us\n";
  for (const auto& r : o.rows) out += fmt::format("{},{},{},{},{},{}\n", r.second, r.started, r.succeeded, r.failed, r.p50_us, r.p99_us);
  return out;
}

std::string live_line(const second_row& row) {
  return fmt::format("{:4} s  {:8} a second  {:6} failed  p50 {:.3f} ms  p99 {:.3f} ms", row.second + 1, row.succeeded, row.failed,
                     ms(row.p50_us), ms(row.p99_us));
}

}  // namespace phyllo::load
