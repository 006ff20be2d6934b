// Real peers whose configuration document names CHORD-RELOAD, on a simulated network.
#include "chord/successor_lists.hpp"
#include "support/simulated_ring.hpp"

namespace chord_node_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

overlay::peer_options routing_only() {
  overlay::peer_options o;
  o.storage = false;
  return o;
}

struct chord_overlay : simulated_ring {
  explicit chord_overlay(std::uint64_t seed, overlay::peer_options o = routing_only()) : simulated_ring(seed, o) {
    overlay.topology = identity::chord_topology;
    overlay.chord = {.update_interval_s = 10, .ping_interval_s = 1, .reactive = true};
  }

  // "A peer x is responsible for (predecessor, x]" (RFC 6940 s.10.1).
  [[nodiscard]] identity::node_id responsible(const identity::node_id& key) const {
    const auto all = ids();
    const auto at = std::ranges::lower_bound(all, key);
    return at == all.end() ? all.front() : *at;
  }
  [[nodiscard]] bool lists_right() const {
    const auto all = ids();
    return std::ranges::all_of(peers, [&](const auto& p) {
      if (!p->alive) return true;
      overlay::successor_lists ideal(p->id(), 8);
      for (const auto& n : all) {
        if (n != p->id()) ideal.insert(n);
      }
      const auto s = p->peer->status();
      return s.leaf_set.left == ideal.predecessors() && s.leaf_set.right == ideal.successors();
    });
  }
  // Of `count` look-ups from random nodes: how many have come to who is responsible.
  unsigned look_ups(unsigned count) {
    unsigned right = 0;
    for (unsigned i = 0; i < count; ++i) {
      const auto key = random_key();
      auto from = core::random_u64(world.env()) % peers.size();
      while (!peers[from]->alive) from = (from + 1) % peers.size();
      const auto a = ping_root(from, key);
      right += a && a->from == responsible(key) ? 1 : 0;
    }
    return right;
  }
};

}  // namespace

TEST_CASE("64 nodes of CHORD-RELOAD join at once, find who is responsible, and mend the ring when a tenth of them dies") {
  chord_overlay ring(7);
  for (int i = 0; i < 64; ++i) ring.add();
  REQUIRE(ring.join_all(120s));
  CHECK(ring.eventually([&] { return ring.lists_right(); }, 60s));
  CHECK(ring.look_ups(200) == 200);
  for (std::size_t i = 5; i < 64; i += 10) ring.kill(i);
  CHECK(ring.eventually([&] { return ring.lists_right(); }, 60s));
  CHECK(ring.look_ups(200) == 200);
}

}  // namespace chord_node_test
