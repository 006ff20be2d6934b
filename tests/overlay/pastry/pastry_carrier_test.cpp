#include "pastry/pastry_carrier.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace pastry_carrier_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_parts {
  pastry_carrier carrier{world.env(), ring, messenger, probes};
};

}  // namespace

TEST_CASE("that an arc is synced all members of the leaf set are told, and revocations those that are named") {
  scene s;
  s.carrier.announce_synced({id(1), id(2)}, 7);
  s.carrier.announce_revocations({s.well->peer().node()}, {1, 2, 3});
  s.wait();
  CHECK(scene::asked_of(*s.suspect).size() == 1);
  const auto asked = scene::asked_of(*s.well);
  REQUIRE(asked.size() == 2);
  for (const auto& m : asked) {
    const auto u = update_request::decode(m.body);
    REQUIRE(u.has_value());
    if (u->type == update_type::synced) {
      CHECK(u->first == id(1));
      CHECK(u->last == id(2));
      CHECK(u->view == 7);
    } else {
      CHECK(u->type == update_type::revocations);
      CHECK(u->content == core::bytes{1, 2, 3});
    }
  }
}

TEST_CASE("who has not compared is reminded even while it is asked, and who differs is asked once") {
  scene s;
  const auto n = s.well->peer().node();
  s.carrier.reconcile(n);
  s.carrier.reconcile(n);
  s.carrier.remind_unsynced(n);
  s.wait();
  const auto told = scene::probes_of(*s.well);
  REQUIRE(told.size() == 2);
  CHECK(told[0].has(leaf_set_state::flag_unsynced) != told[1].has(leaf_set_state::flag_unsynced));
}

}  // namespace pastry_carrier_test
