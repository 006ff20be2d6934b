#include "paper.hpp"

#include <algorithm>

namespace phyllo::simulate {

void add_paper(CLI::App& app, const settings& s, experiment& chosen) {
  static paper_parameters p;
  auto& c = *app.add_subcommand("paper", "The figures of Pastry's paper, side by side with what it reports");
  c.add_option("--figure", p.figures, "Only these: 4 (with 5 and 6), 8, 9 (with 10)")
      ->delimiter(',')
      ->check(CLI::IsMember({4, 5, 6, 8, 9, 10}))
      ->capture_default_str();
  c.add_option("--nodes", p.nodes, "Sizes of the rings of figures 4 to 6")
      ->delimiter(',')
      ->check(CLI::Range(20, 2'000'000))
      ->capture_default_str();
  c.add_option("--replica-nodes", p.replica_nodes, "Nodes of figure 8")->check(CLI::Range(20, 1'000'000))->capture_default_str();
  c.add_option("--failure-nodes", p.failure_nodes, "Nodes of figures 9 and 10; a tenth fails")
      ->check(CLI::Range(50, 1'000'000))
      ->capture_default_str();
  c.add_option("--lookups", p.lookups, "Messages of each measurement")->check(CLI::Range(1, 100'000'000))->capture_default_str();
  c.callback([&s, &chosen] {
    chosen = [&s](report& r) {
      const auto any = [](std::initializer_list<unsigned> figures) {
        return std::ranges::any_of(figures, [](unsigned f) { return std::ranges::find(p.figures, f) != p.figures.end(); });
      };
      if (any({4, 5, 6})) figures_of_routing(p, s, r);
      if (any({8})) figure_of_replicas(p, s, r);
      if (any({9, 10})) figures_of_failure(p, s, r);
    };
  });
}

}  // namespace phyllo::simulate
