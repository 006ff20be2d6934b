#include "storage/sync_state.hpp"

#include <doctest.h>

#include "support/replica_values.hpp"

namespace sync_state_test {

using namespace phyllo;
using overlay::from_integer;
using overlay::replica_sets;
using testing::active_member;
using testing::make_ring;
using testing::random_id;

TEST_CASE("a newcomer is unsynced until it says otherwise to one who has answered it") {
  std::mt19937_64 random(10);
  auto ring = make_ring(random, 5);
  const auto self = ring[0].node;
  overlay::sync_state state(self);
  replica_sets before(self, ring, 1000, 5);
  state.activated(before);
  CHECK_FALSE(state.synced_here(random_id(random)));
  state.synced_here(overlay::whole_ring());
  auto grown = ring;
  grown[3].incarnation = 2;
  const auto fresh = grown[3].node;
  const replica_sets after(self, grown, 1000, 5);
  state.changed(before, after);
  const auto key = random_id(random);
  CHECK(state.synced_here(key));
  CHECK(state.unsynced(fresh, key));
  CHECK(state.to_remind() == std::vector{fresh});
  state.synced(fresh, overlay::whole_ring());  // this node has not answered it yet
  CHECK(state.unsynced(fresh, key));
  state.answered(fresh, overlay::whole_ring());
  state.synced(fresh, {from_integer(0), from_integer(1000)});
  CHECK(state.unsynced(fresh, key));
  CHECK_FALSE(state.unsynced(fresh, from_integer(1000)));
  state.synced(fresh, overlay::whole_ring());
  CHECK_FALSE(state.unsynced(fresh, key));
  CHECK(state.to_remind().empty());
  grown[3].incarnation = 3;
  state.changed(after, replica_sets(self, grown, 1000, 5));
  state.synced(fresh, overlay::whole_ring());  // the answer it got was to its former self
  CHECK(state.unsynced(fresh, key));
}

TEST_CASE("a node that becomes the root of a set it was in answers alone only when it has compared") {
  const auto self = from_integer(1000);
  const auto key = from_integer(1400);
  std::vector<overlay::member> four;
  for (const std::uint64_t id : {1000U, 1500U, 3000U, 4000U})
    four.push_back({.node = from_integer(id), .incarnation = 1, .active = true, .suspect = false});
  auto three = four;
  three.erase(three.begin() + 1);
  const overlay::replica_sets before(self, four, 1000, 5);
  const overlay::replica_sets after(self, three, 1000, 5);
  overlay::sync_state state(self);
  state.changed(before, after);
  CHECK(state.synced_here(key));  // what was answered before counts on it still
  CHECK_FALSE(state.proven(key));
  state.synced_here(overlay::whole_ring());
  CHECK(state.proven(key));
}

TEST_CASE("a node that becomes active alone has nothing to compare, and forgets what it knew in another ring") {
  std::mt19937_64 random(1);
  const auto ring = make_ring(random, 3);
  const auto self = ring[0].node;
  overlay::sync_state state(self);
  state.activated(replica_sets(self, ring, 1000, 5));
  CHECK_FALSE(state.here().empty());
  CHECK(state.unsynced_anywhere(self, overlay::whole_ring()));
  state.activated(replica_sets(self, {ring[0]}, 1000, 5));
  CHECK(state.here().empty());
  CHECK(state.unproven().empty());
  CHECK_FALSE(state.unsynced_anywhere(self, overlay::whole_ring()));
}

TEST_CASE("who is held for unsynced compares again, there and nowhere else") {
  overlay::sync_state state(from_integer(1));
  state.sync_again({{from_integer(10), from_integer(19)}});
  CHECK(state.synced_here(from_integer(9)));
  CHECK_FALSE(state.synced_here(from_integer(10)));
  CHECK_FALSE(state.proven(from_integer(19)));
  state.synced_here(overlay::arc{from_integer(10), from_integer(14)});
  CHECK(state.synced_here(from_integer(14)));
  CHECK_FALSE(state.synced_here(from_integer(15)));
}

TEST_CASE("of a set those that are unsynced are told, this node too") {
  std::mt19937_64 random(2);
  auto ring = make_ring(random, 4);
  const auto self = ring[0].node;
  const auto key = random_id(random);
  overlay::sync_state state(self);
  const replica_sets before(self, ring, 1000, 5);
  auto grown = ring;
  grown.push_back(active_member(random_id(random)));
  state.changed(before, replica_sets(self, grown, 1000, 5));
  CHECK(state.unsynced(grown, key) == std::vector{grown[4].node});
  state.sync_again({overlay::whole_ring()});
  CHECK(state.unsynced(grown, key) == std::vector{self, grown[4].node});
  CHECK_FALSE(state.unsynced(ring[1].node, key));
  CHECK(state.unsynced_anywhere(grown[4].node, {key, key}));
}

TEST_CASE("a newcomer that has gone is reminded no more, and where a node has no share any more it needs no comparing") {
  const auto far = std::uint64_t{1} << 60;
  std::vector<overlay::member> ring;
  for (std::uint64_t i = 0; i < 4; ++i) ring.push_back(active_member(from_integer(overlay::uint128(i) * far * 4)));
  const auto self = ring[0].node;
  const replica_sets alone(self, {ring[0]}, 1000, 2);
  const replica_sets whole(self, ring, 1000, 2);
  overlay::sync_state state(self);
  state.sync_again({overlay::whole_ring()});
  state.changed(alone, whole);
  CHECK_FALSE(state.here().covers(overlay::whole_ring()));  // others are nearer to some
  CHECK(state.here().contains(self));
  CHECK_FALSE(state.to_remind().empty());
  state.changed(whole, alone);
  CHECK(state.to_remind().empty());
}

}  // namespace sync_state_test
