// Pastry's own figures (Rowstron & Druschel 2001, s.3), with the code that ships.
#include <map>

#include "experiment.hpp"
#include "phyllo/sim/ring.hpp"
#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

struct parameters {
  std::size_t nodes = 1000;
  std::size_t lookups = 20'000;
};

sim::ring_options as_in_the_paper(const settings& s) {
  sim::ring_options o;
  o.seed = s.seed;
  o.crypto = s.crypto;
  o.peer.leaf_set = 16;
  o.peer.neighborhood = 32;
  o.peer.digit_bits = 4;
  o.peer.storage = false;
  return o;
}

core::awaitable<void> look_up(sim::ring& ring, sim::node& from, const sim::node& to, std::map<unsigned, double>& hops) {
  const auto answered = co_await from.peer->ping_root(to.id(), 10s);
  if (answered && answered->responder == ring.root(to.id()).id()) hops[answered->hops] += 1;
}

void run(const parameters& p, const settings& s, report& r) {
  sim::ring ring(as_in_the_paper(s));
  ring.network().topology = sim::make_plane(s.seed);
  {
    progress bar("joining");
    ring.grow(p.nodes, 24h, [&](std::size_t n) { bar.at(static_cast<double>(n), static_cast<double>(p.nodes)); });
  }
  std::map<unsigned, double> hops;
  for (std::size_t i = 0; i < p.lookups; ++i) {
    ring.world().spawn(look_up(ring, ring.random_active(), ring.random_active(), hops));
    ring.world().run_for(5ms);
  }
  ring.world().run_for(10s);
  double sum = 0, count = 0;
  for (const auto& [h, n] : hops) sum += h * n, count += n;
  r.section("figure 4");
  r.figure("mean hops", sum / count);
}

}  // namespace

void add_paper(CLI::App& app, const settings& s, experiment& chosen) {
  static parameters p;
  auto& c = *app.add_subcommand("paper", "The figures of Pastry's paper, side by side with what it reports");
  c.add_option("--nodes", p.nodes, "Nodes that join")->capture_default_str();
  c.add_option("--lookups", p.lookups, "Look-ups of random nodes")->capture_default_str();
  c.callback([&s, &chosen] { chosen = [&s](report& r) { run(p, s, r); }; });
}

}  // namespace phyllo::simulate
