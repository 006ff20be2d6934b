#include "pastry/pastry_membership.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace pastry_membership_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

TEST_CASE("who becomes active tells all it is linked to, and has no ring to form any more") {
  pastry_parts p;
  p.ring.active = false;
  p.own.formation().emplace(p.ring.self(), std::vector<node_id>{});
  p.membership.activate();
  CHECK(p.ring.active);
  CHECK(p.own.state() == peer_state::ready);
  CHECK_FALSE(p.own.formation().has_value());
  CHECK(p.told.activations == 1);
  CHECK(p.told.changes == 1);
  p.wait();
  for (const auto* l : {p.well.get(), p.suspect.get()}) {
    const auto asked = pastry_parts::asked_of(*l);
    REQUIRE(asked.size() == 1);
    const auto u = update_request::decode(asked.front().body);
    REQUIRE(u.has_value());
    CHECK(u->type == update_type::active);
    CHECK(u->state.has(leaf_set_state::flag_active));
  }
}

TEST_CASE("who leaves says so with what it knows, and is not active from then on") {
  pastry_parts p;
  p.membership.say_leave();
  CHECK_FALSE(p.ring.active);
  CHECK(p.own.state() == peer_state::leaving);
  CHECK(p.told.changes == 1);
  p.wait();
  const auto asked = pastry_parts::asked_of(*p.well);
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().code == code::leave_req);
  REQUIRE(asked.front().extensions.size() == 1);
  CHECK(asked.front().extensions.front().type == leave_request::extension_type);
  core::wire_reader content(asked.front().extensions.front().content);
  CHECK(leaf_set_state::read(content).has(leaf_set_state::flag_leaving));
}

TEST_CASE("a leaf set that has changed is looked at within a second") {
  pastry_parts p;
  p.upkeep.looked();
  const auto later = p.world.now() + 1h;
  p.upkeep.plan(upkeep_schedule::job::links, later);
  p.upkeep.plan(upkeep_schedule::job::forget, later);
  CHECK(p.upkeep.next_due(false) == later);
  p.membership.changed();
  CHECK(p.upkeep.next_due(false) == p.world.now() + 1s);
  CHECK(p.told.changes == 1);
}

}  // namespace pastry_membership_test
