#include "pastry/own_state.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace own_state_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

signed_grant grant_of(const node_id& granter) { return {granter, {}}; }

}  // namespace

TEST_CASE("a node tells its incarnation, its clock, where it is, its sides and whom it found failed") {
  pastry_parts p;
  p.own.begin(0);
  p.failed.name(id(7), p.world.now() + 90s);
  const auto s = p.own.tell(leaf_set_state::flag_asks);
  CHECK(s.clock_ms == core::unix_milliseconds(p.world.env().wall_now()));
  CHECK(s.incarnation == s.clock_ms / 1000);
  CHECK(s.flags == (leaf_set_state::flag_active | leaf_set_state::flag_asks));
  CHECK(s.own == places{simulated_network::candidate(0)});
  CHECK(s.right == p.ring.leafs.right());
  CHECK(s.left == p.ring.leafs.left());
  CHECK(s.failed == std::vector{id(7)});
  p.own.begin(42);
  CHECK(p.own.tell().incarnation == 42);
}

TEST_CASE("who leaves says so, and who may form the ring again says so until it is active") {
  pastry_parts p;
  p.ring.active = false;
  p.own.become(peer_state::leaving);
  CHECK(p.own.tell().flags == leaf_set_state::flag_leaving);
  p.own.become(peer_state::joining);
  p.own.formation().emplace(p.ring.self(), std::vector<node_id>{});
  CHECK(p.own.tell().flags == 0);
  CHECK(p.own.formation()->look({}, p.world.now()));
  CHECK(p.own.tell().flags == leaf_set_state::flag_may_form);
  p.ring.active = true;
  CHECK(p.own.tell().flags == leaf_set_state::flag_active);
}

TEST_CASE("a member of the leaf set hears that its link is needed, and once by whose grants this node is here") {
  pastry_parts p;
  const auto n = p.well->peer().node();
  p.own.keep_grants(id(9), {grant_of(id(9))});
  auto s = p.own.tell_to(n);
  CHECK(s.has(leaf_set_state::flag_uses));
  CHECK(p.ring.record(n).link.told_used);
  CHECK(s.grants == std::vector{grant_of(id(9))});
  CHECK(p.own.tell_to(n).grants.empty());
  CHECK_FALSE(p.own.tell_to(id(3)).has(leaf_set_state::flag_uses));
}

TEST_CASE("a grant is kept from who gave it, the newest of each, and three at most") {
  pastry_parts p;
  const auto n = p.well->peer().node();
  p.own.keep_grants(id(1), {grant_of(id(2))});  // somebody else's
  for (std::uint8_t i = 1; i <= 4; ++i) p.own.keep_grants(id(i), {grant_of(id(i))});
  p.own.keep_grants(id(3), {grant_of(id(3))});
  CHECK(p.own.tell_to(n).grants == std::vector{grant_of(id(2)), grant_of(id(4)), grant_of(id(3))});
  p.ring.record(n).link.told_grants = false;
  p.own.drop_grants();
  CHECK(p.own.tell_to(n).grants.empty());
}

}  // namespace own_state_test
