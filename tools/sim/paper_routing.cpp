// Figures 4, 5 and 6: hops and distance of messages between random nodes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>

#include "paper.hpp"

namespace phyllo::simulate {
namespace {

// What the paper reports of 1,000, 10,000 and 100,000 nodes, and of 100,000 hop by hop.
const std::map<std::size_t, double> paper_hops{{1000, 2.48}, {10'000, 3.23}, {100'000, 3.98}};
constexpr std::array distribution{0.0000, 0.0006, 0.0156, 0.1643, 0.6449, 0.1745, 0.0000};
constexpr std::size_t distribution_of = 100'000;
constexpr double distance_limit = 1.40;
constexpr double share = 0.02;

struct measured {
  std::map<std::size_t, double> hops;  // how many messages took so many
  double travelled = 0, direct = 0, sum = 0, count = 0;

  [[nodiscard]] std::size_t longest() const { return hops.empty() ? 0 : hops.rbegin()->first; }
  [[nodiscard]] double share_of(std::size_t h) const {
    const auto found = hops.find(h);
    return found == hops.end() ? 0 : found->second / count;
  }

  void note(sim::network& n, const way& w) {
    const auto length = w.nodes.size() - 1;
    hops[length] += 1;
    sum += static_cast<double>(length);
    count += 1;
    const auto seconds = [&](const sim::node* a, const sim::node* b) {
      return std::chrono::duration<double>(n.distance(a->index, b->index)).count();
    };
    for (std::size_t i = 0; i < length; ++i) travelled += seconds(w.nodes[i], w.nodes[i + 1]);
    if (length > 0) direct += seconds(w.nodes.front(), w.nodes.back());
  }
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double since_start(sim::ring& ring) {
  return std::chrono::duration<double>(ring.world().now().time_since_epoch() - std::chrono::hours(1)).count();
}

void print_cost(report& r, sim::ring& ring, std::size_t nodes, double seconds, double bytes) {
  const auto n = static_cast<double>(nodes);
  r.cost("CPU a join", seconds / n * 1000, "ms");
  r.cost("memory a node", bytes / n / 1000, "kB");
  double messages = 0, attach = 0;
  for (const auto& [name, count] : messages_by_code(ring)) {
    messages += static_cast<double>(count);
    if (name.starts_with("attach")) attach += static_cast<double>(count);
    if (count > 0) r.figure(fmt::format("{} a join", name), static_cast<double>(count) / n);
  }
  r.figure("links made for tables, a join", counted(ring, "phyllo_table_links_total") / n);
  r.figure("rows asked for, a join", counted(ring, "phyllo_table_rows_asked_total") / n);
  r.figure("time that passed in the ring", since_start(ring), "s");
  double entries = 0, links = 0;
  for (const auto& [id, node] : ring.active_nodes()) {
    const auto status = node->peer->status();
    entries += static_cast<double>(status.routing_table.size());
    links += static_cast<double>(status.links.size());
  }
  r.figure("messages a join, each hop counted", messages / n);
  r.figure("without Attach", (messages - attach) / n);
  r.figure("3 * 2^b * log16 N of the paper", 48 * std::log(n) / std::log(16));
  r.figure("entries of a routing table", entries / n);
  r.figure("links of a node", links / n);
}

void hold_hops(report& r, std::size_t nodes, const measured& m) {
  const auto mean = m.sum / m.count;
  if (const auto theirs = paper_hops.find(nodes); theirs != paper_hops.end()) {
    r.within("mean hops", mean, theirs->second, share);
  } else {
    r.figure("mean hops", mean);
  }
  double differ = 0;  // those beyond the paper's longest way among them
  for (std::size_t h = 0; h < std::max(distribution.size(), m.longest() + 1); ++h) {
    const auto paper = h < distribution.size() ? distribution[h] : 0;
    r.figure(nodes == distribution_of ? fmt::format("P({} hops), paper {:.4f}", h, paper) : fmt::format("P({} hops)", h), m.share_of(h));
    differ += std::abs(m.share_of(h) - paper) / 2;
  }
  if (nodes == distribution_of) r.at_most("messages that take other hops than in figure 5, share", differ, share);
}

plot plot_distribution(const measured& m) {
  plot p{.file = "pastry-figure-5",
         .title = "Figure 5: hops of a message, 100,000 nodes",
         .x = "hops",
         .y = "probability",
         .logarithmic = false,
         .bars = true,
         .lines = {}};
  series ours{"Phyllo", {}}, theirs{"Pastry 2001", {}};
  for (std::size_t h = 0; h < distribution.size(); ++h) {
    ours.points.emplace_back(h, m.share_of(h));
    theirs.points.emplace_back(h, distribution[h]);
  }
  p.lines = {std::move(ours), std::move(theirs)};
  return p;
}

plot line_plot(std::string file, std::string title, std::string y) {
  return {
      .file = std::move(file), .title = std::move(title), .x = "nodes", .y = std::move(y), .logarithmic = true, .bars = false, .lines = {}};
}

}  // namespace

void figures_of_routing(const paper_parameters& p, const settings& s, report& r) {
  series hops{"Phyllo", {}}, theirs{"Pastry 2001", {}}, bound{"log16 N", {}}, distance{"Phyllo", {}}, limit{"Pastry 2001, at most", {}};
  for (const auto nodes : p.nodes) {
    r.section(fmt::format("figures 4 to 6: {} nodes", nodes));
    const auto cpu = cpu_seconds();
    const auto bytes = memory_bytes();
    const auto ring = grow_on_plane(as_in_the_paper(s), nodes);
    print_cost(r, *ring, nodes, cpu_seconds() - cpu, memory_bytes() - bytes);
    measured m;
    const auto out =
        send_many(*ring, p.lookups, [&] { return ring->random_active().id(); }, [&](const way& w) { m.note(ring->network(), w); });
    r.at_least("messages that came to the root, share", static_cast<double>(out.arrived) / static_cast<double>(out.sent), 1);
    hold_hops(r, nodes, m);
    r.at_most("distance, of the direct way", m.travelled / m.direct, distance_limit);
    r.cost("CPU in all", cpu_seconds() - cpu, "s");
    const auto n = static_cast<double>(nodes);
    hops.points.emplace_back(n, m.sum / m.count);
    bound.points.emplace_back(n, std::log(n) / std::log(16));
    distance.points.emplace_back(n, m.travelled / m.direct);
    limit.points.emplace_back(n, distance_limit);
    if (const auto t = paper_hops.find(nodes); t != paper_hops.end()) theirs.points.emplace_back(n, t->second);
    if (nodes == distribution_of) r.add(plot_distribution(m));
  }
  auto four = line_plot("pastry-figure-4", "Figure 4: hops of a message", "mean hops");
  four.lines = {std::move(hops), std::move(theirs), std::move(bound)};
  r.add(std::move(four));
  auto six = line_plot("pastry-figure-6", "Figure 6: distance of a message, of the direct way", "relative distance");
  six.lines = {std::move(distance), std::move(limit)};
  r.add(std::move(six));
}

}  // namespace phyllo::simulate
