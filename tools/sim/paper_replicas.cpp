// Figure 8: of the k nodes nearest to a key, how near to its sender is the one that a message comes to first?
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "paper.hpp"
#include "perfect_tables.hpp"

namespace phyllo::simulate {
namespace {

constexpr std::array their_shares{0.76, 0.16};  // with the heuristic: the nearest, and the second

using shares = std::array<double, paper_replicas>;  // by rank: of the nearest first

// Which of the replicas, by distance from the sender, the first one on the way is; 0: the nearest.
std::size_t rank_of_first(sim::ring& ring, const way& w) {
  const auto nearest = ring.nearest(w.key, paper_replicas);
  const auto is_replica = [&](const sim::node* n) { return std::ranges::find(nearest, n) != nearest.end(); };
  const auto first = std::ranges::find_if(w.nodes, is_replica);
  const auto distance = [&](const sim::node* n) { return ring.network().distance(w.nodes.front()->index, n->index); };
  return static_cast<std::size_t>(std::ranges::count_if(nearest, [&](const sim::node* n) { return distance(n) < distance(*first); }));
}

// What the same messages would do with perfect tables: by Pastry's rules alone, and if each node knew who the replicas are.
struct ideal {
  shares plain{}, informed{};
};

ideal with_perfect_tables(const paper_parameters& p, sim::ring& ring) {
  const perfect_tables tables(ring, ring.options().peer.digit_bits, ring.options().peer.leaf_set);
  ideal out;
  const auto part = 1 / static_cast<double>(p.lookups);
  for (std::size_t i = 0; i < p.lookups; ++i) {
    const auto& from = ring.random_active();
    const auto key = ring.random_id();
    out.plain[rank_of_first(ring, {tables.way(from, key, {}), key})] += part;
    out.informed[rank_of_first(ring, {tables.way(from, key, ring.nearest(key, paper_replicas)), key})] += part;
  }
  return out;
}

shares measure(const paper_parameters& p, const settings& s, bool heuristic, ideal* at_best) {
  auto o = as_in_the_paper(s);
  o.peer.digit_bits = 3;
  o.peer.leaf_set = 8;
  o.peer.neighborhood = 16;
  o.peer.replica_choice = heuristic ? paper_replicas : 0;
  const auto ring = grow_on_plane(o, p.replica_nodes);
  shares share{};
  double arrived = 0;
  static_cast<void>(send_many(
      *ring, p.lookups, [&] { return ring->random_id(); },
      [&](const way& w) {
        share[rank_of_first(*ring, w)] += 1;
        arrived += 1;
      }));
  for (auto& v : share) v /= std::max(arrived, 1.0);
  if (at_best != nullptr) *at_best = with_perfect_tables(p, *ring);
  return share;
}

series as_series(std::string name, const shares& share) {
  series out{std::move(name), {}};
  for (std::size_t i = 0; i < share.size(); ++i) out.points.emplace_back(i + 1, share[i]);
  return out;
}

}  // namespace

void figure_of_replicas(const paper_parameters& p, const settings& s, report& r) {
  r.section(fmt::format("figure 8: {} nodes, b = 3, |L| = 8, |M| = 16, k = 5", p.replica_nodes));
  ideal best;
  const auto plain = measure(p, s, false, &best);
  r.figure("nearest replica first, without the heuristic; paper 0.68", plain[0]);
  r.figure("one of the two nearest; paper 0.87", plain[0] + plain[1]);
  r.figure("nearest replica first, perfect tables", best.plain[0]);
  r.figure("one of the two nearest, perfect tables", best.plain[0] + best.plain[1]);
  r.figure("nearest replica first, perfect tables and replicas known", best.informed[0]);
  r.figure("one of the two nearest, perfect tables and replicas known", best.informed[0] + best.informed[1]);
  const auto ours = measure(p, s, true, nullptr);
  r.at_least("nearest replica first, with it", ours[0], their_shares[0]);
  r.at_least("one of the two nearest, with it", ours[0] + ours[1], their_shares[0] + their_shares[1]);
  plot eight{.file = "pastry-figure-8",
             .title = "Figure 8: the replica that a message comes to first",
             .x = "rank by distance from the sender",
             .y = "share",
             .logarithmic = false,
             .bars = true,
             .lines = {as_series("Phyllo, heuristic", ours),
                       as_series("Phyllo", plain),
                       {"Pastry 2001, heuristic", {{1, their_shares[0]}, {2, their_shares[1]}}}}};
  r.add(std::move(eight));
}

}  // namespace phyllo::simulate
