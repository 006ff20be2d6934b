// Figures 9 and 10: a tenth of the nodes fails in silence; what that costs messages, and the nodes that repair their tables.
#include <fmt/format.h>

#include <algorithm>

#include "paper.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr double hops_before = 2.73, hops_failed = 2.96, hops_repaired = 2.74;
constexpr double requests_limit = 57;
constexpr auto settling = 90s;  // until silence has been noticed on both sides of every leaf set

struct mean {
  double sum = 0, count = 0;
  void add(double v) { sum += v, count += 1; }
  [[nodiscard]] double value() const { return count > 0 ? sum / count : 0; }
};

// Hops to the first of the nodes that hold a key.
double mean_hops(sim::ring& ring, std::size_t count, double& lost) {
  mean hops;
  const auto out = send_many(
      ring, count, [&] { return ring.random_id(); },
      [&](const way& w) {
        const auto holders = ring.nearest(w.key, paper_replicas);
        const auto first =
            std::ranges::find_if(w.nodes, [&](const sim::node* n) { return std::ranges::find(holders, n) != holders.end(); });
        hops.add(static_cast<double>(first - w.nodes.begin()));
      });
  lost = static_cast<double>(out.sent - out.arrived) / static_cast<double>(out.sent);
  return hops.value();
}

// What was sent since the start, by what it was for.
struct traffic {
  double rows = 0;       // RouteQuery(rows)
  double links = 0;      // made to nodes that may enter a table; each is probed once
  double leaf_sets = 0;  // all other RouteQuery, Join and Update, each hop counted
  double pings = 0;      // messages of the measurement among them

  explicit traffic(sim::ring& ring)
      : rows(counted(ring, "phyllo_table_rows_asked_total")), links(counted(ring, "phyllo_table_links_total")) {
    const auto codes = messages_by_code(ring);
    const auto of = [&](const char* name) { return static_cast<double>(codes.at(name)); };
    leaf_sets = of("route_query_req") + of("join_req") + of("update_req") - rows - links;
    pings = of("ping_req");
  }
};

void fail_a_tenth(sim::ring& ring) {
  ring.network().resets = false;
  const auto dying = ring.active() / 10;
  for (std::size_t i = 0; i < dying; ++i) ring.kill(ring.random_active());
}

}  // namespace

void figures_of_failure(const paper_parameters& p, const settings& s, report& r) {
  const auto dead = static_cast<double>(p.failure_nodes / 10);
  r.section(fmt::format("figures 9 and 10: {} nodes, of which {} fail in silence; k = 5", p.failure_nodes, p.failure_nodes / 10));
  const auto ring = grow_on_plane(as_in_the_paper(s), p.failure_nodes);
  double lost = 0;
  const auto before = mean_hops(*ring, p.lookups, lost);
  r.figure(fmt::format("hops before; paper {}", hops_before), before);
  const traffic first(*ring);
  fail_a_tenth(*ring);
  const auto failed = mean_hops(*ring, std::max<std::size_t>(p.lookups / 100, 100), lost);
  r.figure(fmt::format("hops at once after; paper {}", hops_failed), failed);
  r.figure("of these, without an answer", lost);
  ring->world().run_for(settling);
  static_cast<void>(mean_hops(*ring, p.lookups, lost));  // repairs what it uses
  const traffic then(*ring);
  const auto repaired = mean_hops(*ring, p.lookups, lost);
  r.at_most("hops after repair", repaired, hops_repaired);
  r.at_most("of these, without an answer", lost, 0);
  const auto rows = (then.rows - first.rows) / dead;
  const auto links = (then.links - first.links) / dead;
  r.figure("requests for rows, a failed node", rows);
  r.figure("first probes of nodes that may replace it, a failed node", links);
  r.at_most("requests to repair tables, a failed node", rows + links, requests_limit);
  r.figure("requests of leaf sets and upkeep meanwhile, a failed node", (then.leaf_sets - first.leaf_sets) / dead);
  r.figure("pings meanwhile, the messages' hops among them, a failed node", (then.pings - first.pings) / dead);
  plot ten{.file = "pastry-figure-10",
           .title = "Figure 10: hops before, at once after, and after repair",
           .x = "",
           .y = "mean hops",
           .logarithmic = false,
           .bars = true,
           .lines = {{"Phyllo", {{1, before}, {2, failed}, {3, repaired}}},
                     {"Pastry 2001", {{1, hops_before}, {2, hops_failed}, {3, hops_repaired}}}},
           .categories = {"before", "at once after a tenth failed", "after repair"}};
  r.add(std::move(ten));
}

}  // namespace phyllo::simulate
