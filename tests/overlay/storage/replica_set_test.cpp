#include "storage/replica_set.hpp"

#include <doctest.h>

#include <algorithm>
#include <random>

#include "support/replica_values.hpp"

namespace replica_set_test {

using namespace phyllo;
using overlay::from_integer;
using overlay::member;
using overlay::node_id;
using overlay::replica_sets;
using overlay::uint128;
using testing::make_ring;
using testing::random_id;

namespace {

// All of the ring that a node of it knows with a leaf set of this size.
std::vector<member> known_to(const std::vector<member>& ring, const node_id& self, std::size_t leaf_set) {
  auto order = ring;
  std::ranges::sort(order, {}, [&](const member& m) { return overlay::clockwise(self, m.node); });
  if (order.size() <= leaf_set + 1) return order;
  const auto half = static_cast<std::ptrdiff_t>(leaf_set / 2);
  std::vector<member> known(order.begin(), order.begin() + half + 1);
  known.insert(known.end(), order.end() - half, order.end());
  return known;
}

}  // namespace

TEST_CASE("on each arc the set is constant, and at its ends it changes") {
  std::mt19937_64 random(5);
  for (const std::size_t count : {1U, 2U, 5U, 6U, 7U, 11U, 40U}) {
    const auto ring = make_ring(random, count);
    const replica_sets sets(ring[0].node, ring, 1000, 5);
    const auto arcs = sets.arcs();
    uint128 next = 0;
    for (const auto& a : arcs) {
      CHECK(overlay::to_integer(a.first) == next);
      next = overlay::to_integer(a.last) + 1;
      CHECK(sets.view(a).has_value());
      for (int i = 0; i < 20; ++i) {
        const auto width = overlay::to_integer(a.last) - overlay::to_integer(a.first);
        const auto inside =
            from_integer(overlay::to_integer(a.first) +
                         (width == ~uint128(0) ? uint128(random()) << 64 : (uint128(random()) << 64 | random()) % (width + 1)));
        REQUIRE(sets.view(inside) == sets.view(a.first));
      }
    }
    CHECK(next == 0);
    CHECK(arcs.size() == (count > 5 ? count + 1 : 1));
  }
}

TEST_CASE("the set of a key is the k nodes nearest to it, and its view names their incarnations") {
  std::mt19937_64 random(6);
  auto ring = make_ring(random, 20);
  for (int i = 0; i < 50; ++i) {
    const auto key = random_id(random);
    std::ranges::sort(ring, [&](const member& a, const member& b) { return overlay::nearer(a.node, b.node, key); });
    const replica_sets sets(ring[3].node, ring, 1000, 5);
    const auto set = sets.set(key);
    REQUIRE(set.size() == 5);
    for (std::size_t n = 0; n < 5; ++n) CHECK(set[n].node == ring[n].node);
    CHECK(sets.root(key) == ring[0].node);
    auto restarted = ring;
    restarted[4].incarnation = 2;
    CHECK(replica_sets(ring[3].node, restarted, 1000, 5).view(key) != sets.view(key));
    restarted = ring;
    restarted[5].incarnation = 2;
    CHECK(replica_sets(ring[3].node, restarted, 1000, 5).view(key) == sets.view(key));
    restarted = ring;
    restarted[0].suspect = true;
    const replica_sets doubtful(ring[3].node, restarted, 1000, 5);
    CHECK(doubtful.view(key) == sets.view(key));  // a suspect is still a member
    CHECK(doubtful.stand_in(key) == ring[1].node);
  }
}

TEST_CASE("all members of a set compute the same view from their own leaf sets") {
  std::mt19937_64 random(7);
  for (const std::size_t leaf_set : {8U, 20U, 32U}) {
    const auto ring = make_ring(random, 100);
    for (int i = 0; i < 50; ++i) {
      const auto key = random_id(random);
      const replica_sets all(ring[0].node, ring, 1000, 5);
      for (const auto& m : all.set(key)) {
        const replica_sets own(m.node, known_to(ring, m.node, leaf_set), leaf_set, 5);
        CHECK(own.view(key) == all.view(key));
      }
    }
  }
}

TEST_CASE("with half a leaf set of k every node knows all arcs it has a share in") {
  std::mt19937_64 random(8);
  // In rings of little more than a leaf set, half of one may span more than half of the circle.
  for (const std::size_t count : {19U, 20U, 21U, 22U, 25U, 30U, 41U, 100U}) {
    CAPTURE(count);
    auto ring = make_ring(random, count);
    for (std::size_t i = 0; i < count; i += 2) ring[i].node = from_integer(overlay::to_integer(ring[i].node) / 4);  // crowded there
    const replica_sets all(ring[0].node, ring, 1000, 5);
    for (const auto& m : ring) {
      const replica_sets own(m.node, known_to(ring, m.node, 20), 20, 5);
      overlay::arc_set mine;
      for (const auto& a : own.arcs_of(m.node)) mine.add(a);
      for (const auto& a : all.arcs()) CHECK(mine.covers(a) == all.has(a.first, m.node));
    }
  }
}

TEST_CASE("when a node dies, exactly the next nearest is a newcomer in its arcs") {
  std::mt19937_64 random(9);
  auto ring = make_ring(random, 12);
  const replica_sets before(ring[0].node, ring, 1000, 5);
  const auto dead = ring[7].node;
  std::erase_if(ring, [&](const member& m) { return m.node == dead; });
  const replica_sets after(ring[0].node, ring, 1000, 5);
  overlay::arc_set changed;
  for (const auto& [node, where] : newcomers(before, after)) {
    CHECK(before.has(where.first, dead));
    CHECK_FALSE(before.has(where.first, node));
    CHECK(after.has(where.last, node));
    CHECK_FALSE(changed.intersects(where));
    changed.add(where);
  }
  for (const auto& a : before.arcs()) CHECK(changed.covers(a) == before.has(a.first, dead));
}

}  // namespace replica_set_test
