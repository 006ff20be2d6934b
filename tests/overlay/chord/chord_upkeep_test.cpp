// Of the machine of a Chord node: stabilisation (RFC 6940 s.10.7.4), and what others' Updates teach (s.10.7.3).
#include <doctest.h>

#include "support/chord_member.hpp"

namespace chord_upkeep_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::testing::chord_scene;
using namespace overlay::chord_actions;
using overlay::chord;
using overlay::chord_leave_type;
using overlay::chord_update;
using overlay::chord_update_type;
using overlay::destination;
using overlay::key_range;
using overlay::node_id;
using namespace std::chrono_literals;

TEST_CASE("a lost neighbor is announced to all links with reactive recovery, and without it when the range has changed") {
  member reactive({0x70, 0x90, 0xa0});
  CHECK(told(reactive.link_closed(place(0x90), later), chord_update_type::neighbors) == places_at({0x70, 0xa0}));
  member periodic({0x70, 0x90, 0xa0}, false);
  CHECK(told(periodic.link_closed(place(0x90), later), chord_update_type::neighbors).empty());
  CHECK(told(periodic.link_closed(place(0x70), later), chord_update_type::neighbors) == places_at({0xa0}));
}

TEST_CASE("neighbors that an Update names are attached to through who named them, nearest first, whatever else it names") {
  member c({0x70, 0x90});
  std::vector<node_id> many;
  for (unsigned i = 1; i <= 200; ++i) many.push_back(place(0x85, static_cast<std::uint8_t>(i)));
  const auto wanted = of<attach>(c.updated(place(0x90), neighbours({}, many), later));
  CHECK(wanted.size() == 4);  // the three nearest after this node, and the last, which would be its third predecessor
  for (const auto& w : wanted) CHECK(w.via == place(0x90));
  CHECK(c.routing().neighbours().members().size() == 2);
  CHECK(c.updated(place(0x33), ready(), later).empty());  // no link
}

TEST_CASE("a neighbor that does not name this node is reminded") {
  member c({0x70, 0x90});
  CHECK(told(c.updated(place(0x90), neighbours({place(0x70)}, {place(0x70)}), later), chord_update_type::neighbors) == places_at({0x90}));
  CHECK(told(c.updated(place(0x90), neighbours({self}, {place(0x70)}), later), chord_update_type::neighbors).empty());
}

TEST_CASE("neighbors are told the tables, and fingers that this node is there, at the interval") {
  member c({0x10, 0x60, 0x68, 0x70, 0x90, 0x98, 0xa0});
  CHECK(c.routing().fingers().contains(place(0x10)));
  const auto all = c.tick(later + 13min);
  CHECK(told(all, chord_update_type::neighbors) == places_at({0x60, 0x68, 0x70, 0x90, 0x98, 0xa0}));
  CHECK(told(all, chord_update_type::peer_ready) == places_at({0x10}));
}

TEST_CASE("a lost finger is sought at once: who was named for it, or by a Ping into its range") {
  member c({0x60, 0x68, 0x70, 0x90, 0x98, 0xa0, 0xd0});
  const auto i = c.routing().fingers().index_of(place(0xd0));
  const auto pings = of<ping>(c.link_closed(place(0xd0), later));
  REQUIRE(pings.size() == 1);
  CHECK(c.routing().fingers().index_of(pings.front().key) == i);
  const auto found = of<attach>(c.ping_answered(place(0xd8), later));
  REQUIRE(found.size() == 1);
  CHECK(found.front().to == destination::to_node(place(0xd8)));
  CHECK(c.ping_answered(self, later).empty());
}

TEST_CASE("a peer that has lost all others seeks them soon, and goes on serving") {
  member c({0x70});
  (void)c.link_closed(place(0x70), later);
  CHECK(c.routing().active());
  CHECK(of<seek>(c.tick(later + chord::seek_alone)).size() == 1);
}

TEST_CASE("the link of a peer that is of no use to either end is closed, and no other") {
  member c({0x10, 0x18, 0x60, 0x68, 0x70, 0x90, 0x98, 0xa0});
  (void)c.link_opened(place(0x20), false, start);  // a client
  CHECK_FALSE(c.routing().uses(place(0x18)));
  CHECK(of<close_link>(c.tick(start + 29min)).empty());
  const auto closed = of<close_link>(c.tick(start + 50min));
  REQUIRE(closed.size() == 1);
  CHECK(closed.front().node == place(0x18));
}

TEST_CASE("there is something to do by the time that the first neighbor is to be told, and not before what is due now is done") {
  member c({0x70, 0x90});
  const auto due = c.next_due();
  CHECK(due > later - 10s);
  CHECK(due <= later + 2h);
  (void)c.tick(due);
  CHECK(c.next_due() > due);
}

TEST_CASE("a node that is no peer yet says nothing at any interval") {
  chord c(self, options(), start);
  (void)c.link_opened(place(0x90), false, start);
  CHECK(of<tell>(c.tick(start + 2h)).empty());
  CHECK(of<ping>(c.tick(start + 4h)).empty());
}

}  // namespace chord_upkeep_test
