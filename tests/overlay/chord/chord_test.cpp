#include "chord/chord.hpp"

#include <doctest.h>

#include "support/chord_member.hpp"

namespace chord_test {

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

TEST_CASE("who begins the overlay is responsible for all of it") {
  chord c(self, options(), start);
  CHECK(of<activated>(c.form(start)).size() == 1);
  CHECK(c.routing().decide(destination::to_resource(place(1)), false).what == overlay::verdict::deliver);
  CHECK(c.form(start).empty());
}

TEST_CASE("a link is greeted with an Update: with the tables where they are asked for, else with the neighbors if it is near") {
  member c({0x70, 0x78, 0x7c, 0x90, 0x98, 0xa0});
  CHECK(told(c.link_opened(place(0x10), false, later), chord_update_type::peer_ready) == places_at({0x10}));
  CHECK(told(c.link_opened(place(0x10), true, later), chord_update_type::full) == places_at({0x10}));
  CHECK(told(c.link_opened(place(0x84), false, later), chord_update_type::neighbors) == places_at({0x84}));
}

TEST_CASE("a joiner sends no Update until the Admitting Peer has named it, and then one to all") {
  chord c(self, options(), start);
  CHECK(of<find_bootstrap>(c.join(start)).size() == 1);
  const auto ap = place(0x90);
  CHECK(c.link_opened(ap, false, start).empty());
  const auto located = of<attach>(c.updated(ap, ready(), start));
  REQUIRE(located.size() == 1);
  CHECK(located.front().to == destination::to_resource(place(0x80, 1)));
  CHECK(c.attached(located.front().to, ap, start).empty());

  // Its tables name neighbours: they are attached to through it.
  const auto met = of<attach>(c.updated(ap, neighbours({place(0x70)}, {place(0xa0)}), start));
  REQUIRE(met.size() == 2);
  for (const auto& m : met) {
    CHECK(m.via == ap);
    CHECK(c.link_opened(m.to.id, false, start).empty());
    CHECK(of<ask_join>(c.updated(m.to.id, ready(), start)).empty());
  }
  CHECK(of<ask_join>(c.attached(met[0].to, met[0].to.id, start)).empty());
  const auto asked = of<ask_join>(c.attached(met[1].to, met[1].to.id, start));
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().at == ap);

  CHECK(c.join_answered(ap, true, start).empty());
  CHECK_FALSE(c.routing().active());
  const auto entered = c.updated(ap, neighbours({self, place(0x70)}, {place(0xa0)}), start + 1s);
  CHECK(of<activated>(entered).size() == 1);
  CHECK(told(entered, chord_update_type::neighbors) == places_at({0x70, 0x90, 0xa0}));
  CHECK(c.routing().neighbours().responsible() == key_range{place(0x70), self});
}

TEST_CASE("a neighbor that does not answer is out of the tables, its link is closed, and it is tried again") {
  member c({0x70, 0x90});
  const auto lost = c.unanswered(place(0x90), later);
  REQUIRE(of<close_link>(lost).size() == 1);
  CHECK(of<members_changed>(lost).size() == 1);
  CHECK_FALSE(c.routing().neighbours().contains(place(0x90)));
  (void)c.link_closed(place(0x90), later);
  const auto again = of<attach>(c.tick(later + 1s));
  REQUIRE(again.size() == 1);
  CHECK(again.front().to == destination::to_node(place(0x90)));
}

TEST_CASE("a peer of another ring is attached to through the bootstrap node that led there") {
  member c({0x70, 0x90});
  CHECK(of<seek>(c.tick(later + 2h)).size() == 1);
  CHECK(c.sought(place(0x20), self, later + 2h).empty());
  const auto found = of<attach>(c.sought(place(0x20), place(0x84), later + 2h));
  REQUIRE(found.size() == 1);
  CHECK(found.front().via == place(0x20));
}

}  // namespace chord_test
