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

namespace {

overlay::record note(const overlay::name& n, const std::string& value) {
  overlay::record r;
  r.name = n;
  r.value = value;
  return r;
}

overlay::name numbered(std::size_t i) { return {"data", "node" + std::to_string(i) + "@example.org"}; }

}  // namespace

TEST_CASE("what 64 nodes of CHORD-RELOAD have stored is found by all, also after one after the other has died") {
  chord_overlay ring(11, {});
  for (int i = 0; i < 64; ++i) ring.add();
  REQUIRE(ring.join_all(120s));
  REQUIRE(ring.eventually([&] { return ring.lists_right(); }, 60s));
  const std::string only;
  for (std::size_t i = 0; i < 64; ++i) {
    const auto n = numbered(i);
    const auto stored = ring.finish(ring.peers[i]->peer->add(only, n, note(n, "value " + std::to_string(i)), 3600s, {}));
    REQUIRE_MESSAGE(stored.has_value(), (stored ? std::string() : stored.error().message()));
    CHECK(stored->root == ring.responsible(n.key(overlay::resource_hash::sha1)));
  }
  std::uint64_t copies = 0;
  for (const auto& p : ring.peers) copies += p->peer->status().storage.records;
  CHECK(copies == 3 * 64);  // each at the responsible peer and the two after it (s.10.4)
  const auto found = [&](std::size_t from) {
    unsigned good = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const auto got = ring.finish(ring.peers[from]->peer->get(only, numbered(i), {}));
      good += got && got->values.front().content.value == "value " + std::to_string(i) ? 1 : 0;
    }
    return good;
  };
  CHECK(found(3) == 64);
  for (std::size_t i = 5; i < 64; i += 10) {
    ring.kill(i);
    CHECK(ring.eventually([&] { return ring.lists_right(); }, 60s));
    ring.world.run_for(40s);  // the second replica waits for 30 s (s.10.7.1)
    CHECK(found(i + 1) == 64);
  }
}

TEST_CASE("a node that joins CHORD-RELOAD is given what it is to hold, and one that leaves is not missed") {
  chord_overlay ring(12, {});
  for (int i = 0; i < 12; ++i) ring.add();
  REQUIRE(ring.join_all(120s));
  REQUIRE(ring.eventually([&] { return ring.lists_right(); }, 60s));
  const std::string only;
  for (std::size_t i = 0; i < 12; ++i) {
    const auto n = numbered(i);
    REQUIRE(ring.finish(ring.peers[i]->peer->add(only, n, note(n, "v"), 3600s, {})).has_value());
  }
  for (int i = 0; i < 12; ++i) ring.add();
  REQUIRE(ring.join_all(120s));
  REQUIRE(ring.eventually([&] { return ring.lists_right(); }, 60s));
  const auto all_found = [&](std::size_t from) {
    unsigned good = 0;
    for (std::size_t i = 0; i < 12; ++i) good += ring.finish(ring.peers[from]->peer->get(only, numbered(i), {})).has_value() ? 1 : 0;
    return good == 12;
  };
  CHECK(all_found(20));
  for (const std::size_t i : {2U, 7U, 15U}) {
    ring.world.run(ring.peers[i]->peer->leave());
    ring.network.kill(static_cast<unsigned>(i));
    ring.peers[i]->alive = false;
    CHECK(ring.eventually([&] { return ring.lists_right(); }, 60s));
    CHECK(all_found(i + 1));
  }
}

}  // namespace chord_node_test
