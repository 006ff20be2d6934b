#include "chord/chord_knowledge.hpp"

#include <doctest.h>

#include "support/chord_member.hpp"
#include "support/simulated_world.hpp"
#include "support/still_link.hpp"

namespace chord_knowledge_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::testing::chord_scene;
using namespace phyllo::overlay;

namespace {

struct scene {
  explicit scene(std::initializer_list<std::uint8_t> peers) : machine(peers) {}

  simulated_world world{1};
  chord_scene::member machine;
  chord_contacts contacts{{1, 2}};
  link_table links{place(0x80)};
  peer_state state = peer_state::ready;
  chord_knowledge knows{world.env(), machine, contacts, links, state};
};

}  // namespace

TEST_CASE("a peer knows its neighbors as active members beside itself, the nearest of each side, and its fingers") {
  const scene s({0x10, 0x60, 0x68, 0x70, 0x90, 0x98, 0xa0});
  const auto members = s.knows.members();
  REQUIRE(members.size() == 7);
  CHECK(members.front().node == place(0x80));
  CHECK(std::ranges::all_of(members, [](const auto& m) { return m.active; }));
  CHECK(s.knows.adjacent() == places_at({0x70, 0x90}));
  CHECK(s.knows.neighbours().size() == 6);
  const auto far = s.knows.far_peers();
  CHECK(std::ranges::find(far, place(0x10)) != far.end());
  CHECK(s.knows.active());
  CHECK(s.knows.state() == peer_state::ready);
}

TEST_CASE("a peer's share of the ring is what lies between its predecessor and itself, all of it where it is alone") {
  CHECK(scene({}).knows.responsible_share() == doctest::Approx(1));
  CHECK(scene({0x40, 0x90}).knows.responsible_share() == doctest::Approx(0.25));
  CHECK(scene({}).knows.adjacent().empty());
  const scene s({0x40, 0x90});
  CHECK(s.knows.responsible(place(0x41)));
  CHECK(s.knows.responsible(place(0x80)));
  CHECK_FALSE(s.knows.responsible(place(0x81)));
  CHECK_FALSE(s.knows.responsible(place(0x40)));
}

TEST_CASE("the next peer on the way to a key is another, or this node where it is responsible") {
  const scene s({0x40, 0x90});
  CHECK(s.knows.next_peer(destination::to_resource(place(0x85))) == place(0x90));
  CHECK(s.knows.next_peer(destination::to_resource(place(0x50))) == place(0x80));
  CHECK(s.knows.next_peer(destination::to_node(place(0x40))) == place(0x40));
}

TEST_CASE("who has failed is known for a while, and a round trip only of who is linked") {
  scene s({0x40, 0x90});
  CHECK_FALSE(s.knows.has_failed(place(0x40)));
  s.contacts.note_failed(place(0x40), s.world.now());
  CHECK(s.knows.has_failed(place(0x40)));
  s.world.run_for(chord_contacts::failed_for + 1s);
  CHECK_FALSE(s.knows.has_failed(place(0x40)));
  CHECK(s.knows.round_trip(place(0x40)) == core::duration::zero());
}

TEST_CASE("copies go to the two next successors") {
  CHECK(scene({0x40, 0x90, 0xa0, 0xb0}).knows.replicas() == places_at({0x90, 0xa0}));
  CHECK(scene({}).knows.replicas().empty());
}

TEST_CASE("a peer describes itself with its sides, and its fingers by their numbers") {
  scene s({0x10, 0x60, 0x70, 0x90, 0xa0});
  s.state = peer_state::leaving;
  peer_status d;
  s.knows.describe(d);
  CHECK(d.state == peer_state::leaving);
  CHECK(d.self == place(0x80));
  CHECK(d.leaf_set.size == 6);
  CHECK(d.leaf_set.left == s.machine.routing().neighbours().predecessors());
  CHECK(d.leaf_set.right == s.machine.routing().neighbours().successors());
  REQUIRE_FALSE(d.routing_table.empty());
  for (const auto& e : d.routing_table) CHECK(s.machine.routing().fingers().index_of(e.node) == e.row);
}

}  // namespace chord_knowledge_test
