#include "pastry/ring_view.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace ring_view_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;

namespace {

void meet(ring_view& v, const node_id& n, core::duration rtt = 1ms) {
  auto& r = v.record(n);
  r.peer = r.link.open = r.active = r.admitted = true;
  r.link.rtt = rtt;
  v.enter(n);
}

decision decide(const ring_view& v, const node_id& key) { return v.decide(destination::to_resource(key), false); }

}  // namespace

TEST_CASE("with a choice of replicas a message goes to the nearest node that should be one, and from a replica straight to the root") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  for (const auto n : {0x7000, 0x7800, 0x8800}) meet(v, at(static_cast<std::uint16_t>(n)), 2ms);
  meet(v, at(0x9000), 1ms);
  meet(v, at(0x1000), 3ms);
  meet(v, at(0x2300), 4ms);
  CHECK(decide(v, at(0x1ffe)).next == at(0x1000));
  CHECK(decide(v, at(0x8c00)).next == at(0x8800));
  v.replica_choice = 2;  // of which each should lie within 0x800
  CHECK(decide(v, at(0x1ffe)).next == at(0x2300));
  CHECK(decide(v, at(0x8c00)).next == at(0x9000));
  CHECK(decide(v, at(0x8600)).next == at(0x8800));  // it is the second nearest itself
}

TEST_CASE("a replica that is farther than most nodes gives way to a node on the way that is near, and knows more of them") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.replica_choice = 2;
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) meet(v, at(static_cast<std::uint16_t>(n)), 10ms);
  meet(v, at(0x2300), 7ms);  // of the leaf set's 10 ms more than six tenths
  meet(v, at(0x1000), 5ms);  // too far from the key to be a replica
  CHECK(decide(v, at(0x1ffe)).next == at(0x1000));
  v.record(at(0x2300)).link.rtt = 5500us;
  CHECK(decide(v, at(0x1ffe)).next == at(0x2300));
}

TEST_CASE("with a choice of replicas each hop near the key comes nearer to it, whatever the prefixes say") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x7100));  // shares the key's first digit, and is far from it
  for (const auto n : {0x7f00, 0x7e00, 0x8100, 0x8200}) meet(v, at(static_cast<std::uint16_t>(n)));
  const auto tried = at(0x7e00);
  const auto next = [&] { return v.decide(destination::to_resource(at(0x7da0)), false, &tried).next; };
  CHECK(next() == at(0x7100));
  v.replica_choice = 2;
  CHECK(next() == at(0x7f00));
}

TEST_CASE("what the leaf set's members name makes the reckoning exact beyond it, and a node that they do not name is gone") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.replica_choice = 2;
  for (const auto n : {0x7f00, 0x7e00, 0x8100, 0x8200}) meet(v, at(static_cast<std::uint16_t>(n)));
  v.note_named(at(0x8200), {at(0x8100), at(0x8000)}, {at(0x8900), at(0x9800)});
  v.note_named(at(0x7e00), {at(0x7d00), at(0x7c00)}, {at(0x7f00), at(0x8000)});
  CHECK(v.beyond.right() == std::vector{at(0x8100), at(0x8200), at(0x8900), at(0x9800)});
  v.note_named(at(0x8200), {at(0x8100), at(0x8000)}, {at(0x9800), at(0xa000)});
  CHECK(v.beyond.right() == std::vector{at(0x8100), at(0x8200), at(0x9800), at(0xa000)});
  v.remove(at(0x8100));
  CHECK_FALSE(v.beyond.contains(at(0x8100)));
}

TEST_CASE("places of the leaf set are those that its nodes have now") {
  ring_view v(at(0x8000), 4, 4, 4);
  const auto place = [](std::uint16_t port) { return places{{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), port}}}; };
  v.learn_places(at(0x9000), place(1));
  for (const auto n : {0x8800, 0x9000}) v.hear_at(at(static_cast<std::uint16_t>(n)), asio::ip::make_address("192.0.2.1"));
  for (const auto n : {0x7000, 0x9000}) v.leafs.insert(at(static_cast<std::uint16_t>(n)));  // both on either side
  const auto of_right = [&] { return v.leaf_places().of(v.leafs.left().size()); };
  CHECK(of_right() == place(1));
  v.learn_places(at(0x9000), place(2));
  CHECK(of_right() == place(2));
  v.learn_places(at(0x8800), place(3));
  v.leafs.insert(at(0x8800));
  CHECK(of_right() == place(3));
  CHECK(v.find(at(0x8800))->candidates.all() == place(3));
  v.learn_places(at(0x8800), {});
  CHECK(v.find(at(0x8800))->candidates.empty());
  CHECK(of_right().empty());
}

TEST_CASE("what a node says of where it lives is told on only as far as it was heard from there") {
  ring_view v(at(0x8000), 4, 4, 4);
  const transport::candidate own{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 6084}};
  const transport::candidate victim{transport::link_kind::tls, {asio::ip::make_address("198.51.100.7"), 443}};
  v.learn_places(at(0x9000), {victim, own});
  v.leafs.insert(at(0x9000));
  CHECK(v.heard_places(at(0x9000)).empty());
  CHECK(v.leaf_places().of(0).empty());
  CHECK(v.find(at(0x9000))->candidates.all() == places{victim, own});  // this node may try them itself
  v.hear_at(at(0x9000), own.at.address);
  CHECK(v.heard_places(at(0x9000)) == places{own});
  CHECK(v.leaf_places().of(0) == places{own});
  v.learn_places(at(0x9000), {victim});
  CHECK(v.leaf_places().of(0).empty());
}

TEST_CASE("a key within the leaf set goes to the nearest, others along the table, then anywhere nearer") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) meet(v, at(static_cast<std::uint16_t>(n)));
  meet(v, at(0x1000));
  CHECK(decide(v, at(0x8100)).what == verdict::deliver);
  CHECK(decide(v, at(0x8700)).next == at(0x8800));
  CHECK(decide(v, at(0x1fff)).next == at(0x1000));
  // 0x7 is a leaf's digit and so in the table; for 0x2 nothing is: the least distance of all.
  CHECK(decide(v, at(0x2000)).next == at(0x1000));
  CHECK(decide(v, at(0xb000)).next == at(0x9000));
}

TEST_CASE("a suspect is not routed through, and a key it may be root of is held") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  const auto key = at(0x8f00);
  CHECK(decide(v, key).next == at(0x9000));
  v.record(at(0x9000)).doubt.suspect = true;
  CHECK(decide(v, key).what == verdict::hold);
  CHECK(v.decide(destination::to_resource(key), true).what == verdict::deliver);
  CHECK(v.root(key) == at(0x9000));
  CHECK(v.credible_root(at(0x7000), at(0x6f00)) == true);
  v.remove(at(0x9000));
  CHECK(decide(v, key).what == verdict::deliver);
}

TEST_CASE("a node without Update(active) is reached directly, never routed through") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.record(at(0x9000)).link.open = true;
  CHECK(v.decide(destination::to_node(at(0x9000)), false).next == at(0x9000));
  CHECK(decide(v, at(0x9000)).what == verdict::deliver);
}

TEST_CASE("a Node-ID that nobody near has is dropped at its root; a joiner is root of nothing") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  CHECK(v.decide(destination::to_node(at(0x8001)), false).what == verdict::drop);
  v.active = false;
  CHECK(decide(v, at(0x8001)).what == verdict::drop);
  meet(v, at(0x1000));
  CHECK(decide(v, at(0x8001)).next == at(0x1000));
}

TEST_CASE("an answer from a node that is farther than a known one is not credible") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  meet(v, at(0xa000));
  CHECK(v.credible_root(at(0x9000), at(0x9100)));
  CHECK_FALSE(v.credible_root(at(0xa000), at(0x9100)));
  v.record(at(0x9000)).doubt.suspect = true;
  CHECK(v.credible_root(at(0xa000), at(0x9f00)));
}

TEST_CASE("who is not admitted is in the table and near, and in no leaf set; who is not usable is nowhere") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  auto& r = v.record(at(0x9000));
  r.link.open = r.active = true;
  CHECK_FALSE(v.enter(at(0x9000)));
  CHECK(v.table.contains(at(0x9000)));
  CHECK(v.near.entries().size() == 1);
  CHECK_FALSE(v.leafs.contains(at(0x9000)));
  r.admitted = true;
  CHECK(v.enter(at(0x9000)));
  CHECK(v.remove(at(0x9000)));
  CHECK_FALSE(v.remove(at(0x9000)));
  CHECK_FALSE(v.table.contains(at(0x9000)));
  CHECK(v.near.entries().empty());
  r.doubt.suspect = true;
  CHECK_FALSE(v.enter(at(0x9000)));
  CHECK_FALSE(v.table.contains(at(0x9000)));
  CHECK_FALSE(v.enter(at(0xa000)));  // nothing is known of it
}

TEST_CASE("who is deaf, without a link or not active is not usable; who is no suspect on a link is in reach") {
  ring_view v(at(0x8000), 4, 4, 4);
  auto& r = v.record(at(0x9000));
  CHECK_FALSE(v.in_reach(at(0x9000)));
  r.link.open = true;
  CHECK(v.in_reach(at(0x9000)));
  CHECK_FALSE(v.usable(at(0x9000)));
  CHECK_FALSE(v.is_active(at(0x9000)));
  r.active = true;
  CHECK(v.usable(at(0x9000)));
  CHECK(v.is_active(at(0x9000)));
  r.doubt.deaf = true;
  CHECK_FALSE(v.usable(at(0x9000)));
  r.doubt.deaf = false;
  r.doubt.suspect = true;
  CHECK_FALSE(v.usable(at(0x9000)));
  CHECK_FALSE(v.in_reach(at(0x9000)));
  v.forget(at(0x9000));
  CHECK(v.find(at(0x9000)) == nullptr);
}

TEST_CASE("a suspect that answers by another is reached through that one, unless that was tried") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  meet(v, at(0x7000));
  auto& suspect = v.record(at(0x9000));
  suspect.doubt.suspect = true;
  suspect.doubt.through = at(0x7000);
  const auto around = decide(v, at(0x8f00));
  CHECK(around.what == verdict::forward);
  CHECK(around.next == at(0x7000));
  CHECK(around.around);
  const auto tried = at(0x7000);
  CHECK(v.decide(destination::to_resource(at(0x8f00)), false, &tried).what == verdict::hold);
  v.record(at(0x7000)).doubt.suspect = true;
  CHECK(decide(v, at(0x8f00)).what == verdict::hold);
}

TEST_CASE("an opaque destination leads nowhere, and a node's own Node-ID to itself") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  CHECK(v.decide({destination_type::opaque, {}, {1}}, false).what == verdict::drop);
  CHECK(v.decide(destination::to_node(at(0x8000)), false).what == verdict::deliver);
}

TEST_CASE("a message comes by the rules from a node that is farther from its key or shares fewer digits with it") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  CHECK(v.well_routed(at(0x9000), at(0x8100)));
  CHECK_FALSE(v.well_routed(at(0x9000), at(0x9100)));
  CHECK(v.well_routed(at(0x9000), at(0x8fff)));  // nearer to that one, but a digit more is shared
  CHECK(v.well_routed(at(0xa000), at(0xa100)));  // nothing is known of it
  v.replica_choice = 2;
  CHECK(v.well_routed(at(0x9000), at(0x9100)));
}

}  // namespace ring_view_test
