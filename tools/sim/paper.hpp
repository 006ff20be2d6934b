// Pastry's own figures (Rowstron & Druschel 2001, s.3), with the code that ships: what they have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "experiment.hpp"
#include "phyllo/sim/ring.hpp"

namespace phyllo::simulate {

constexpr unsigned paper_replicas = 5;  // that hold a key: k

struct paper_parameters {
  std::vector<unsigned> figures{4, 8, 9};
  std::vector<std::size_t> nodes{1000, 10'000, 100'000};  // figures 4, 5 and 6
  std::size_t replica_nodes = 10'000;                     // figure 8
  std::size_t failure_nodes = 5000;                       // figures 9 and 10
  std::size_t lookups = 200'000;
};

// |L| = 16, |M| = 32, b = 4; no storage.
[[nodiscard]] sim::ring_options as_in_the_paper(const settings& s);

// Its nodes are stopped first: what they wait for would outlive them.
struct stop_and_delete {
  void operator()(sim::ring* r) const {
    r->stop();
    std::default_delete<sim::ring>()(r);
  }
};
// A ring on a plane that has come to rest, each node joined through the one nearest to it, as the paper has it.
[[nodiscard]] std::unique_ptr<sim::ring, stop_and_delete> grow_on_plane(const sim::ring_options& o, std::size_t nodes);

// A message's way from a random node to the root of a key.
struct way {
  std::vector<sim::node*> nodes;  // the sender first
  identity::node_id key;
};
// Sends `count` of them, from random nodes, and tells of each that came to the key's root. `key` makes one.
struct ways_outcome {
  std::size_t sent = 0, arrived = 0, astray = 0;  // astray: answered by another node than the root
};
[[nodiscard]] ways_outcome send_many(sim::ring& ring, std::size_t count, const std::function<identity::node_id()>& key,
                                     const std::function<void(const way&)>& tell);

// Messages that nodes received since the start, by the code's name.
[[nodiscard]] std::map<std::string, std::uint64_t> messages_by_code(sim::ring& ring);
[[nodiscard]] double counted(sim::ring& ring, const std::string& name);  // by all nodes, since the start
[[nodiscard]] double memory_bytes();                                     // of this process now

void figures_of_routing(const paper_parameters& p, const settings& s, report& r);
void figure_of_replicas(const paper_parameters& p, const settings& s, report& r);
void figures_of_failure(const paper_parameters& p, const settings& s, report& r);

}  // namespace phyllo::simulate
