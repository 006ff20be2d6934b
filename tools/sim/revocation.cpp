// Revocation at scale: a list that is revoked at once and then changes, while nodes come and go and use the overlay.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "experiment.hpp"
#include "revocation_run.hpp"

namespace phyllo::simulate {
namespace {

constexpr double in_force_within_s = 60;
constexpr double operations_lost_max = 0.01;  // look-ups, puts and gets that end with their time while nodes are killed

double greatest(const std::vector<double>& all) { return all.empty() ? 0 : *std::ranges::max_element(all); }
double mean(const std::vector<double>& all) {
  return all.empty() ? 0 : std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
}

void tell_traffic(report& r, const std::string& what, const revocation_outcome::traffic& t, double nodes, double of, const char* unit) {
  r.figure(what + ": messages", static_cast<double>(t.messages) / nodes / of, unit);
  r.figure(what + ": bytes", static_cast<double>(t.bytes) / nodes / of, unit);
}

void run(const revocation_conditions& c, const settings& s, report& r) {
  const auto o = revocation_run(c, s.seed, s.crypto).run();
  r.section(fmt::format("{} nodes, {} revoked at once, {} changes, {:g} s sessions", c.nodes, c.revoked, c.changes,
                        std::chrono::duration<double>(c.session).count()));
  r.figure("joins", static_cast<double>(o.joins));
  r.figure("departures", static_cast<double>(o.departures));
  r.figure("revoked at once: in force after, mean", mean(o.whole_s), "s");
  r.at_most("revoked at once: in force everywhere after", greatest(o.whole_s), in_force_within_s, "s");
  r.figure("a change: in force everywhere after, mean", mean(o.changed_s), "s");
  r.at_most("a change: in force everywhere after, worst", greatest(o.changed_s), in_force_within_s, "s");
  r.figure("who joins: in force after, mean", mean(o.joined_s), "s");
  r.at_most("who joins: in force after, worst", greatest(o.joined_s), in_force_within_s, "s");
  r.at_most("nodes without it after a minute", static_cast<double>(o.missed), 0);
  r.at_most("entries that a node does not know at the end", static_cast<double>(o.revoked_seen), 0);
  r.figure("look-ups, puts and gets", static_cast<double>(o.operations));
  r.at_most("of them unanswered", static_cast<double>(o.failed) / static_cast<double>(std::max<std::uint64_t>(o.operations, 1)),
            operations_lost_max);
  r.at_most("requests refused for their sequence", static_cast<double>(o.refused), 0);
  tell_traffic(r, "the list, revoked at once", o.at_once, o.nodes, 1, "a node");
  tell_traffic(r, "the list, while it changes", o.by_changes, o.nodes, static_cast<double>(std::max<std::size_t>(c.changes, 1)),
               "a node and change");
  const auto span = o.seconds_at_once + o.seconds_of_changes;
  tell_traffic(r, "all that is sent", o.all, o.nodes, span, "a node and second");
  r.cost("took", o.wall_seconds, "s");
}

constexpr const char* revocation_examples =
    "The nodes' documents have three different sequences: none may refuse another's requests for that. In force: the node's own trust\n"
    "says so. Traffic counts each message once a link, with its answer.\n\n"
    "Example:\n"
    "  phyllo-sim revocation --nodes 1000 --revoked 100000";

}  // namespace

void add_revocation(CLI::App& app, const settings& s, experiment& chosen) {
  static revocation_conditions c;
  static double session_s = std::chrono::duration<double>(c.session).count();
  static double every_s = std::chrono::duration<double>(c.every).count();
  auto& a = *app.add_subcommand("revocation", "How fast what is revoked is in force everywhere, and what it costs");
  a.footer(revocation_examples);
  a.add_option("--nodes", c.nodes, "Live nodes")->capture_default_str()->check(CLI::Range(2, 100'000));
  a.add_option("--revoked", c.revoked, "Entries that are revoked at once")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  a.add_option("--changes", c.changes, "Changes of a few entries after that")->capture_default_str();
  a.add_option("--every", every_s, "Seconds between two changes")->capture_default_str()->check(CLI::PositiveNumber);
  a.add_option("--session", session_s, "Mean session in seconds; half of those that go say so, the others are killed")
      ->capture_default_str();
  a.add_option("--operations", c.operations, "Look-ups, puts and gets a second in the whole ring")->capture_default_str();
  a.add_option("--loss", c.loss, "Of each transmission and each ACK")->check(CLI::Range(0.0, 0.9));
  a.callback([&s, &chosen] {
    c.session = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(session_s));
    c.every = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(every_s));
    chosen = [&s](report& r) { run(c, s, r); };
  });
}

}  // namespace phyllo::simulate
