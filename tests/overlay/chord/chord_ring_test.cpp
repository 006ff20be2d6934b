// Sixty-four machines, told of each other by a carrier: they form one ring, mend it, and grow.
#include <doctest.h>

#include <algorithm>

#include "support/chord_ring.hpp"

namespace chord_ring_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

constexpr std::size_t ring_size = 64;
constexpr std::size_t keys_stored = 500;

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

void grow(chord_ring& r, std::size_t nodes, core::duration apart, core::duration limit = 60s) {
  for (std::size_t i = 0; i < nodes; ++i) {
    r.add();
    r.run_for(apart);
  }
  const auto took = r.settle(limit);
  REQUIRE(took.has_value());
  MESSAGE(r.nodes.size(), " nodes: lists right ", seconds(*took), " s after the last was added");
}

// From every node to every key.
void check_look_ups(chord_ring& r, std::size_t keys) {
  std::size_t walks = 0;
  std::size_t hops = 0;
  unsigned longest = 0;
  for (std::size_t k = 0; k < keys; ++k) {
    const auto key = r.random_id();
    for (const auto& from : r.living()) {
      const auto j = r.walk(from, key);
      REQUIRE(j.end.has_value());
      REQUIRE(j.end->hex() == r.responsible(key).hex());
      ++walks;
      hops += j.hops;
      longest = std::max(longest, j.hops);
    }
  }
  MESSAGE(walks, " look-ups end where they should: ", static_cast<double>(hops) / static_cast<double>(walks), " hops, at most ", longest);
}

std::vector<identity::node_id> store_keys(chord_ring& r) {
  std::vector<identity::node_id> keys(keys_stored);
  for (auto& k : keys) {
    k = r.random_id();
    r.store(k);
  }
  return keys;
}

void check_keys(const chord_ring& r, const std::vector<identity::node_id>& keys) {
  const auto right = std::ranges::count_if(keys, [&](const auto& k) { return r.stored_right(k); });
  CHECK(static_cast<std::size_t>(right) == keys.size());
}

}  // namespace

TEST_CASE("64 Chord nodes form a ring, lose a tenth of it at once, grow and shrink, and every look-up ends at who is responsible") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    chord_ring r(seed);
    grow(r, ring_size, 200ms);
    check_look_ups(r, 64);
    const auto keys = store_keys(r);

    for (const auto& n : r.some(ring_size / 10)) r.kill(n);
    const auto mended = r.settle(60s);
    REQUIRE(mended.has_value());
    MESSAGE("a tenth killed: lists right after ", seconds(*mended), " s, of which ", seconds(chord_ring::death_noticed), " unnoticed");
    check_look_ups(r, 64);
    r.run_for(overlay::chord_replicas::hold_down + 5s);
    check_keys(r, keys);

    for (const auto& n : r.some(8)) {
      r.leave(n);
      r.add();
      r.run_for(300ms);
    }
    grow(r, 8, 100ms);
    check_look_ups(r, 64);
    r.run_for(overlay::chord_replicas::hold_down + 5s);
    check_keys(r, keys);

    r.run_for(60s);
    const auto [ranges, missing] = r.fingers_missing();
    MESSAGE(ranges, " ranges of fingers have a node, ", missing, " of them no finger; ", r.links(), " links");
    CHECK(missing == 0);
    CHECK(r.lists_right());
  }
}

TEST_CASE("63 nodes that join at the same moment through one are one ring") {
  for (const std::uint64_t seed : {11U, 12U, 13U}) {
    CAPTURE(seed);
    chord_ring r(seed);
    grow(r, ring_size, 0ms, 120s);
    for (const auto& [id, n] : r.nodes) CHECK(n->activations == 1);
    check_look_ups(r, 16);
  }
}

TEST_CASE("without reactive recovery, and with three neighbors on each side, the periodic Updates mend the ring") {
  chord_ring r(21);
  r.options.reactive = false;
  r.options.neighbours_each = 3;
  grow(r, ring_size, 500ms, 300s);
  for (const auto& n : r.some(ring_size / 10)) r.kill(n);
  const auto mended = r.settle(300s);
  REQUIRE(mended.has_value());
  MESSAGE("lists right after ", seconds(*mended), " s");
  check_look_ups(r, 16);
}

TEST_CASE("two rings of one overlay become one when a bootstrap node of the other is found") {
  for (const std::uint64_t seed : {31U, 32U}) {
    CAPTURE(seed);
    chord_ring r(seed);
    for (unsigned i = 0; i < 32; ++i) {
      r.add(i % 2);
      r.run_for(300ms);
    }
    r.run_for(20s);
    REQUIRE(r.active() == 32);
    REQUIRE_FALSE(r.lists_right());
    for (const auto& [id, n] : r.nodes) n->side = 0;
    const auto took = r.settle(120s);
    REQUIRE(took.has_value());
    MESSAGE("one ring after ", seconds(*took), " s");
    check_look_ups(r, 16);
  }
}

TEST_CASE("links that neither end needs are closed") {
  chord_ring r(41);
  r.options.ping_interval_s = 30;  // each seeks another part of the overlay so often, which takes a link
  grow(r, ring_size, 100ms);
  const auto before = r.links();
  r.run_for(300s);
  MESSAGE(before, " links, and later ", r.links());
  CHECK(r.lists_right());
  // 16 neighbours, and a few fingers beyond them, which both ends have.
  CHECK(r.links() < 30 * ring_size / 2);
  check_look_ups(r, 16);
}

}  // namespace chord_ring_test
