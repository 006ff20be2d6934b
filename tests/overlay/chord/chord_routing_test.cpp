#include "chord/chord_routing.hpp"

#include <doctest.h>

#include "support/chord_ids.hpp"

namespace chord_routing_test {

using namespace phyllo::testing;
using namespace phyllo::overlay;

namespace {

constexpr phyllo::core::time_point start{};

chord_routing routing(std::uint8_t self, std::initializer_list<std::uint8_t> peers) {
  chord_routing r(place(self), 3);
  for (const auto p : peers) {
    r.open(place(p), start);
    r.enter(place(p));
  }
  r.set_active(true);
  return r;
}

// Where a message to a Resource-ID goes.
decision sent(const chord_routing& r, const node_id& key) { return r.decide(destination::to_resource(key), false); }

}  // namespace

TEST_CASE("a message goes to the largest Node-ID that is not past the key, and else to the smallest after it (RFC 6940 s.10.3)") {
  const auto r = routing(0x80, {0x10, 0x90, 0xa0, 0xb0, 0x70, 0x60, 0x50, 0xd0});
  CHECK(sent(r, place(0x75)).what == verdict::deliver);
  CHECK(sent(r, place(0x80)).what == verdict::deliver);
  for (const auto& [key, next] : std::vector<std::pair<node_id, int>>{
           {place(0x85), 0x90}, {place(0x90), 0x90}, {place(0x95), 0x90}, {place(0xff), 0xd0}, {place(0x20), 0x10}, {place(0x68), 0x60}}) {
    CHECK(sent(r, key).what == verdict::forward);
    CHECK(sent(r, key).next == place(static_cast<std::uint8_t>(next)));
  }
}

TEST_CASE("a node with a link is sent to straight away, be it a peer or not, and not by a peer to be passed over") {
  auto r = routing(0x80, {0x90, 0xa0, 0x70});
  r.open(place(0xc0), start);
  CHECK(r.decide(destination::to_node(place(0xc0)), false).next == place(0xc0));
  CHECK(r.decide(destination::to_node(place(0x80)), false).what == verdict::deliver);
  CHECK(sent(r, place(0xc0)).next == place(0xc0));
  const auto but = place(0xa0);
  CHECK(r.decide(destination::to_resource(place(0xb0)), false, &but).next == place(0x90));
  CHECK(r.decide({destination_type::opaque, {}, {1}}, false).what == verdict::drop);
}

TEST_CASE("who is not a peer is not routed through") {
  auto r = routing(0x80, {0x90, 0x70});
  r.open(place(0xc0), start);
  CHECK(sent(r, place(0xc8)).next == place(0x90));
  CHECK(r.in_reach(place(0xc0)));
  CHECK_FALSE(r.is_active(place(0xc0)));
  CHECK(r.enter(place(0xc0)));
  CHECK(sent(r, place(0xc8)).next == place(0xc0));
}

TEST_CASE("a message to a node that would be known here, and is not, is dropped") {
  const auto r = routing(0x80, {0x90, 0x70});
  CHECK(r.decide(destination::to_node(place(0x78)), false).what == verdict::drop);
  CHECK(r.decide(destination::to_node(place(0x98)), false).next == place(0x90));
}

TEST_CASE("a node that is not active is responsible for nothing, and one that is alone for all") {
  chord_routing r(place(0x80), 3);
  CHECK(sent(r, place(0x80)).what == verdict::drop);
  r.set_active(true);
  CHECK(sent(r, place(0x12)).what == verdict::deliver);
  r.set_active(false);
  r.open(place(0x90), start);
  r.enter(place(0x90));
  CHECK(sent(r, place(0x80)).next == place(0x90));
}

TEST_CASE("an answer for a key is credible of nobody who has a known peer before it, from the key on") {
  const auto r = routing(0x80, {0x90, 0xa0, 0x70});
  CHECK(r.credible_root(place(0x90), place(0x85)));
  CHECK_FALSE(r.credible_root(place(0xa0), place(0x85)));
  CHECK_FALSE(r.credible_root(place(0x90), place(0x75)));  // this node's own
  CHECK(r.credible_root(place(0x98), place(0x95)));        // unknown yet
}

TEST_CASE("a message past its key comes from who has nobody nearer before the key") {
  const auto r = routing(0x80, {0x90, 0xa0, 0x70, 0x60, 0x50});
  CHECK(r.well_routed(place(0x70), place(0x78)));
  CHECK_FALSE(r.well_routed(place(0x50), place(0x78)));
  CHECK(r.well_routed(place(0x50), place(0x88)));
  CHECK(r.well_routed(place(0x33), place(0x78)));  // who is not known here
}

TEST_CASE("what a lost peer leaves open is filled with the best of the other links") {
  auto r = routing(0x80, {0x01, 0x90, 0xa0, 0xb0, 0x70, 0x60, 0x50, 0xc0, 0xe0});
  CHECK(r.neighbours().successors() == places_at({0x90, 0xa0, 0xb0}));
  CHECK(r.fingers().at(1) == place(0x01));
  CHECK(r.remove(place(0xa0)));
  CHECK(r.neighbours().successors() == places_at({0x90, 0xb0, 0xc0}));
  CHECK_FALSE(r.is_active(place(0xa0)));
  CHECK(r.in_reach(place(0xa0)));
  CHECK_FALSE(r.remove(place(0x01)));
  CHECK(r.fingers().at(1) == place(0x50));
  CHECK_FALSE(r.enter(place(0x44)));  // no link
}

}  // namespace chord_routing_test
