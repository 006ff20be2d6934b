#include "chord/chord.hpp"

#include <doctest.h>

#include <algorithm>

#include "support/chord_ids.hpp"

namespace chord_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace overlay::chord_actions;
using overlay::chord;
using overlay::chord_leave_type;
using overlay::chord_update;
using overlay::chord_update_type;
using overlay::destination;
using overlay::key_range;
using overlay::node_id;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{100s};
const auto self = place(0x80);

chord_update ready() { return {1, chord_update_type::peer_ready, {}, {}, {}}; }

chord_update neighbors(std::vector<node_id> before, std::vector<node_id> after) {
  return {1, chord_update_type::neighbors, std::move(before), std::move(after), {}};
}

overlay::chord_options options(bool reactive = true) {
  overlay::chord_options o;
  o.neighbors_each = 3;
  o.reactive = reactive;
  return o;
}

// An active peer with links to these others, which are peers too, long after it has last said anything.
struct member : chord {
  explicit member(std::initializer_list<std::uint8_t> peers, bool reactive = true) : chord(self, options(reactive), start) {
    (void)form(start);
    for (const auto p : peers) {
      (void)link_opened(place(p), false, start);
      (void)updated(place(p), ready(), start);
    }
    (void)tick(start + 10s);
  }
};

constexpr auto later = start + 20s;

std::vector<node_id> told(const chord::actions& all, chord_update_type type) {
  std::vector<node_id> out;
  for (const auto& t : of<tell>(all)) {
    if (t.update.type == type) out.insert(out.end(), t.to.begin(), t.to.end());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

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

  // Its tables name neighbors: they are attached to through it.
  const auto met = of<attach>(c.updated(ap, neighbors({place(0x70)}, {place(0xa0)}), start));
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
  const auto entered = c.updated(ap, neighbors({self, place(0x70)}, {place(0xa0)}), start + 1s);
  CHECK(of<activated>(entered).size() == 1);
  CHECK(told(entered, chord_update_type::neighbors) == places_at({0x70, 0x90, 0xa0}));
  CHECK(c.routing().neighbors().responsible() == key_range{place(0x70), self});
}

TEST_CASE("the Admitting Peer answers, hands over, and then names the joiner to all") {
  member c({0x60, 0x90});
  const auto joiner = place(0x70);
  (void)c.link_opened(joiner, true, later);
  const auto asked = c.join_asked(joiner, later);
  REQUIRE(of<answer_join>(asked).size() == 1);
  CHECK(of<answer_join>(asked).front().accepted);
  REQUIRE(of<hand_over>(asked).size() == 1);
  CHECK(of<hand_over>(asked).front().keys == key_range{place(0x60), joiner});
  CHECK(c.routing().neighbors().responsible().after == place(0x60));
  CHECK(of<hand_over>(c.join_asked(joiner, later)).empty());

  const auto done = c.handed_over(joiner, later);
  CHECK(c.routing().neighbors().responsible().after == joiner);
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

TEST_CASE("a lost neighbor is announced to all links with reactive recovery, and without it when the range has changed") {
  member reactive({0x70, 0x90, 0xa0});
  CHECK(told(reactive.link_closed(place(0x90), later), chord_update_type::neighbors) == places_at({0x70, 0xa0}));
  member periodic({0x70, 0x90, 0xa0}, false);
  CHECK(told(periodic.link_closed(place(0x90), later), chord_update_type::neighbors).empty());
  CHECK(told(periodic.link_closed(place(0x70), later), chord_update_type::neighbors) == places_at({0xa0}));
}

TEST_CASE("a neighbor that does not answer is out of the tables, its link is closed, and it is tried again") {
  member c({0x70, 0x90});
  const auto lost = c.unanswered(place(0x90), later);
  REQUIRE(of<close_link>(lost).size() == 1);
  CHECK(of<members_changed>(lost).size() == 1);
  CHECK_FALSE(c.routing().neighbors().contains(place(0x90)));
  (void)c.link_closed(place(0x90), later);
  const auto again = of<attach>(c.tick(later + 1s));
  REQUIRE(again.size() == 1);
  CHECK(again.front().to == destination::to_node(place(0x90)));
}

TEST_CASE("neighbors that an Update names are attached to through who named them, nearest first, whatever else it names") {
  member c({0x70, 0x90});
  std::vector<node_id> many;
  for (unsigned i = 1; i <= 200; ++i) many.push_back(place(0x85, static_cast<std::uint8_t>(i)));
  const auto wanted = of<attach>(c.updated(place(0x90), neighbors({}, many), later));
  CHECK(wanted.size() == 4);  // the three nearest after this node, and the last, which would be its third predecessor
  for (const auto& w : wanted) CHECK(w.via == place(0x90));
  CHECK(c.routing().neighbors().members().size() == 2);
  CHECK(c.updated(place(0x33), ready(), later).empty());  // no link
}

TEST_CASE("a neighbor that does not name this node is reminded") {
  member c({0x70, 0x90});
  CHECK(told(c.updated(place(0x90), neighbors({place(0x70)}, {place(0x70)}), later), chord_update_type::neighbors) == places_at({0x90}));
  CHECK(told(c.updated(place(0x90), neighbors({self}, {place(0x70)}), later), chord_update_type::neighbors).empty());
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
  CHECK_FALSE(c.routing().neighbors().contains(place(0x90)));
  REQUIRE(of<attach>(after).size() == 1);
  CHECK(of<attach>(after).front().to == destination::to_node(place(0xa0)));
  CHECK_FALSE(of<attach>(after).front().via.has_value());
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

TEST_CASE("a peer of another ring is attached to through the bootstrap node that led there") {
  member c({0x70, 0x90});
  CHECK(of<seek>(c.tick(later + 2h)).size() == 1);
  CHECK(c.sought(place(0x20), self, later + 2h).empty());
  const auto found = of<attach>(c.sought(place(0x20), place(0x84), later + 2h));
  REQUIRE(found.size() == 1);
  CHECK(found.front().via == place(0x20));
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

}  // namespace chord_test
