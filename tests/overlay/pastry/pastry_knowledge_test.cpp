#include "pastry/pastry_knowledge.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/pastry_parts.hpp"

namespace pastry_knowledge_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct silent_role final : pastry_role {
  core::awaitable<core::status> join(places, core::time_point) override { co_return core::status(); }
  void seek(places) override {}
  void on_linked(const node_id&) override {}
  void on_link_closed() override {}
  void on_unjudged(const node_id&, const message_contents&) override {}
  [[nodiscard]] bool take_state(const node_id&, const leaf_set_state&, bool) override { return true; }
  [[nodiscard]] bool has_room_for(const node_id&) override { return true; }
  [[nodiscard]] bool tells_use() const override { return true; }
  [[nodiscard]] bool forwards() const override { return true; }
  void describe(peer_status& s) const override { s.attachments = {id(9)}; }
  void halt() override {}
  core::awaitable<void> stop() override { co_return; }
};

struct scene : pastry_parts {
  core::task_scope scope{world.env()};
  pastry_forming forming{parts, own, ring, probes, membership, scope};
  std::unique_ptr<pastry_role> role = std::make_unique<silent_role>();
  pastry_knowledge knowledge{world.env(), own, ring, failed, forming, role, 8};
};

}  // namespace

TEST_CASE("members are this node and its leaf set, those under probe and without a link as suspects") {
  scene s;
  s.own.begin(42);
  const auto well = s.well->peer().node();
  const auto other = s.suspect->peer().node();
  const auto members = s.knowledge.members();
  REQUIRE(members.size() == 3);
  CHECK(members.front().node == s.ring.self());
  CHECK(members.front().incarnation == 42);
  CHECK(members.front().active);
  CHECK(std::ranges::find(members, other, &member::node)->suspect);
  CHECK_FALSE(std::ranges::find(members, well, &member::node)->suspect);
  s.ring.record(well).link.open = false;
  const auto later = s.knowledge.members();
  CHECK(std::ranges::find(later, well, &member::node)->suspect);
  CHECK(s.knowledge.responsible_share() == doctest::Approx(1.0 / 3));
}

TEST_CASE("a node has failed while it is named so and has not been linked since") {
  scene s;
  s.failed.name(id(7), s.world.now() + 90s);
  CHECK(s.knowledge.has_failed(id(7)));
  s.ring.record(id(7)).link.open = true;
  CHECK_FALSE(s.knowledge.has_failed(id(7)));
  s.ring.record(id(7)).link.open = false;
  s.world.run_for(90s);
  CHECK_FALSE(s.knowledge.has_failed(id(7)));
}

TEST_CASE("the next peer for a key is who would be asked, and this node for its own") {
  scene s;
  const auto well = s.well->peer().node();
  CHECK(s.knowledge.next_peer(destination::to_node(well)) == well);
  CHECK(s.knowledge.next_peer(destination::to_resource(s.ring.self())) == s.ring.self());
}

TEST_CASE("people are told the leaf set, the routing table, whom the node waits for, and what its role adds") {
  scene s;
  peer_status status;
  s.knowledge.describe(status);
  CHECK(status.leaf_set.size == 8);
  CHECK(status.leaf_set.left == s.ring.leafs.left());
  CHECK(status.leaf_set.right == s.ring.leafs.right());
  CHECK(status.routing_table.size() == s.ring.table.entries().size());
  CHECK(s.knowledge.far_peers().size() == s.ring.table.entries().size());
  CHECK(status.waits_for.empty());
  CHECK(status.attachments == std::vector<node_id>{id(9)});
}

}  // namespace pastry_knowledge_test
