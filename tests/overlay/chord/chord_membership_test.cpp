// Of the machine of a Chord node: who enters the ring here, and who leaves it (RFC 6940 s.10.5, s.10.9).
#include <doctest.h>

#include "support/chord_member.hpp"

namespace chord_membership_test {

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

TEST_CASE("the Admitting Peer answers, hands over, and then names the joiner to all") {
  member c({0x60, 0x90});
  const auto joiner = place(0x70);
  (void)c.link_opened(joiner, true, later);
  const auto asked = c.join_asked(joiner, later);
  REQUIRE(of<answer_join>(asked).size() == 1);
  CHECK(of<answer_join>(asked).front().accepted);
  REQUIRE(of<hand_over>(asked).size() == 1);
  CHECK(of<hand_over>(asked).front().keys == key_range{place(0x60), joiner});
  CHECK(c.routing().neighbours().responsible().after == place(0x60));
  CHECK(of<hand_over>(c.join_asked(joiner, later)).empty());

  const auto done = c.handed_over(joiner, later);
  CHECK(c.routing().neighbours().responsible().after == joiner);
  REQUIRE_FALSE(of<tell>(done).empty());
  CHECK(of<tell>(done).front().to == std::vector<node_id>{joiner});
  CHECK(of<tell>(done).front().update.predecessors.front() == joiner);
  CHECK(of<copy>(done).empty());
  const auto all = told(done, chord_update_type::neighbors);
  for (const auto& n : places_at({0x60, 0x70, 0x90})) CHECK(std::ranges::binary_search(all, n));
  CHECK(c.handed_over(joiner, later).empty());
}

TEST_CASE("a Join is refused where another peer is responsible, and without a link") {
  member c({0x70, 0x90});
  (void)c.link_opened(place(0x60), true, later);
  for (const auto n : {0x60, 0x78}) {
    const auto asked = c.join_asked(place(static_cast<std::uint8_t>(n)), later);
    REQUIRE(of<answer_join>(asked).size() == 1);
    CHECK_FALSE(of<answer_join>(asked).front().accepted);
    CHECK(of<hand_over>(asked).empty());
  }
}

TEST_CASE("who leaves says so to its neighbors, as the successor or predecessor that it is of each") {
  member c({0x50, 0x60, 0x70, 0x90, 0xa0, 0xb0});
  const auto said = of<say_leave>(c.leave(later));
  REQUIRE(said.size() == 6);
  for (const auto& l : said) {
    const bool before = l.to < self;
    CHECK(l.type == (before ? chord_leave_type::from_succ : chord_leave_type::from_pred));
    CHECK(l.nodes == (before ? places_at({0x90, 0xa0, 0xb0}) : places_at({0x70, 0x60, 0x50})));
  }
  CHECK_FALSE(c.routing().active());
}

TEST_CASE("a Leave is as a failure, and those it names are attached to") {
  member c({0x70, 0x90});
  const auto after = c.left({place(0x90), chord_leave_type::from_succ, places_at({0xa0})}, later);
  CHECK_FALSE(c.routing().neighbours().contains(place(0x90)));
  REQUIRE(of<attach>(after).size() == 1);
  CHECK(of<attach>(after).front().to == destination::to_node(place(0xa0)));
  CHECK_FALSE(of<attach>(after).front().via.has_value());
}

TEST_CASE("a joiner that asks again is answered again, and given its keys once; who was given none is no member") {
  member c({0x60, 0x90});
  const auto joiner = place(0x70);
  (void)c.link_opened(joiner, true, later);
  CHECK(of<hand_over>(c.join_asked(joiner, later)).size() == 1);
  const auto again = c.join_asked(joiner, later + 1s);
  REQUIRE(of<answer_join>(again).size() == 1);
  CHECK(of<answer_join>(again).front().accepted);
  CHECK(of<hand_over>(again).empty());
  CHECK(of<members_changed>(c.handed_over(place(0x90), later + 1s)).empty());
  CHECK_FALSE(c.routing().neighbours().contains(joiner));
  CHECK(of<members_changed>(c.handed_over(joiner, later + 1s)).size() == 1);
  CHECK(c.routing().neighbours().contains(joiner));
  CHECK(of<members_changed>(c.handed_over(joiner, later + 2s)).empty());
}

TEST_CASE("a peer that has left admits nobody, and who is linked no more is none to hand over to") {
  member c({0x60, 0x90});
  (void)c.link_opened(place(0x70), true, later);
  (void)c.join_asked(place(0x70), later);
  (void)c.link_closed(place(0x70), later);
  CHECK(of<members_changed>(c.handed_over(place(0x70), later)).empty());
  (void)c.link_opened(place(0x78), true, later);
  (void)c.leave(later);
  const auto answered = of<answer_join>(c.join_asked(place(0x78), later));
  REQUIRE(answered.size() == 1);
  CHECK_FALSE(answered.front().accepted);
}

}  // namespace chord_membership_test
