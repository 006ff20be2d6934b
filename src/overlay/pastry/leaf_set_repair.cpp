#include "pastry/leaf_set_repair.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration heard_lately = 1s;

}  // namespace

// That one has died is told to those only that had it in their leaf sets: who was silent for a while enters when it has answered a probe,
// or if there is nobody else.
void leaf_set_repair::refill(core::time_point now) {
  auto then = ring_.leafs;
  for (const auto& [n, r] : ring_.records()) {
    if (r.usable() && r.admitted) then.insert(n);
  }
  std::vector<node_id> silent;
  for (const auto& n : then.members()) {
    if (ring_.leafs.contains(n)) continue;
    if (now - ring_.record(n).link.heard < heard_lately)
      ring_.leafs.insert(n);
    else
      silent.push_back(n);
  }
  for (const auto& n : silent) {
    if (lost_a_side()) ring_.leafs.insert(n);
    probes_.reconcile(n);
  }
  if (ring_.active && lost_a_side()) begin_again();
}

bool leaf_set_repair::lost_a_side() const { return ring_.leafs.left().empty() || ring_.leafs.right().empty(); }

// Nobody is left there who could name others: it believes the peers that it is linked to, as it did when it joined.
void leaf_set_repair::begin_again() {
  std::vector<node_id> linked;
  for (const auto& [n, r] : ring_.records()) {
    if (r.usable()) linked.push_back(n);
  }
  for (const auto& n : linked) {
    ring_.record(n).admitted = true;
    ring_.leafs.insert(n);
  }
}

void leaf_set_repair::ask_edges() {
  for (const auto& n : ring_.leafs.edges_to_fill()) {
    if (ring_.usable(n)) probes_.reconcile(n);
  }
}

}  // namespace phyllo::overlay
