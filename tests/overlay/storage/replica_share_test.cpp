#include "storage/replica_share.hpp"

#include <doctest.h>

#include "storage/storage_extension.hpp"
#include "support/lone_surroundings.hpp"
#include "support/node_ids.hpp"
#include "support/replica_values.hpp"
#include "support/simulated_world.hpp"

namespace replica_share_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::node_id;
using testing::active_member;
using testing::id;

namespace {

// A node at 80 of a ring whose sets have three members.
struct scene {
  scene() {
    share.on_change([this](bool members) { changes.push_back(members); });
  }
  // The ring becomes this.
  void become(std::vector<overlay::member> others) {
    ring.others = std::move(others);
    share.refresh();
  }
  void put(std::uint8_t at) { share.store().put(id(at), overlay::resource_kind.id, testing::value_at(1, "k", "x"), signer, world.now()); }
  [[nodiscard]] overlay::replica_state state_at(std::uint8_t key) const {
    return overlay::replica_state::decode(share.state_of(id(key), 2)->content).value();
  }

  static overlay::storage_options three_replicas() {
    overlay::storage_options o;
    o.replicas = 3;
    return o;
  }

  testing::simulated_world world{1};
  testing::lone_surroundings ring{id(0x80), world.env().wall_now()};
  overlay::replica_share share{world.env(), ring, three_replicas()};
  identity::certificate signer = testing::make_certificate("alice@example.com");
  std::vector<bool> changes;
};

}  // namespace

TEST_CASE("a node alone is root of all, and whom others tell of nothing is at rest") {
  scene s;
  s.become({});
  CHECK(s.share.is_root(id(1)));
  CHECK(s.share.stands_in(id(1)));
  CHECK(s.share.other_holders(id(1)).empty());
  s.share.activated();
  CHECK(s.share.at_rest());
  CHECK(s.share.counts().synced);
}

TEST_CASE("a change of the ring is told once, as one of members or of suspects only") {
  scene s;
  s.become({active_member(id(0x90))});
  CHECK(s.changes == std::vector{true});
  s.share.refresh();
  CHECK(s.changes.size() == 1);
  auto suspect = active_member(id(0x90));
  suspect.suspect = true;
  s.become({suspect});
  CHECK(s.changes == std::vector{true, false});
  CHECK_FALSE(s.share.is_root(id(0x8f)));
  CHECK(s.share.stands_in(id(0x8f)));  // while who is root may be dead
  s.become({active_member(id(0x90), 2)});
  CHECK(s.changes == std::vector{true, false, true});
  s.ring.in_ring = false;
  s.become({});
  CHECK(s.changes == std::vector{true, false, true, false});
}

TEST_CASE("who is in the leaf set is known, active or not; only active ones hold something") {
  scene s;
  auto waiting = active_member(id(0x90));
  waiting.active = false;
  s.become({waiting, active_member(id(0x70))});
  CHECK(s.share.knows(id(0x90)));
  CHECK(s.share.knows(id(0x80)));
  CHECK_FALSE(s.share.knows(id(0x91)));
  CHECK(s.share.other_holders(id(0x88)) == std::vector{id(0x70)});
}

TEST_CASE("a node that has come to others is unsynced until it has compared all") {
  scene s;
  s.become({active_member(id(0x90)), active_member(id(0x70))});
  s.share.activated();
  CHECK_FALSE(s.share.at_rest());
  CHECK_FALSE(s.share.counts().synced);
  const auto told = s.state_at(0x88);
  CHECK(told.view == *s.share.sets().view(overlay::arc{id(0x88), id(0x88)}));
  CHECK(told.holders == 2);
  CHECK(told.members == std::vector{id(0x80), id(0x90), id(0x70)});
  CHECK(told.unsynced == std::vector{id(0x80)});
  s.share.state().synced_here(overlay::whole_ring());
  CHECK(s.share.at_rest());
  CHECK(s.state_at(0x88).unsynced.empty());
}

TEST_CASE("a newcomer's word that it is synced counts in this node's view only, and of a sound arc") {
  scene s;
  s.become({active_member(id(0x90))});
  s.share.state().synced_here(overlay::whole_ring());
  s.become({active_member(id(0x90)), active_member(id(0x70))});
  s.share.state().synced_here(overlay::whole_ring());
  const auto all = overlay::whole_ring();
  REQUIRE(s.share.state().unsynced(id(0x70), id(0x75)));
  s.share.state().answered(id(0x70), all);
  const auto view = *s.share.sets().view(all);
  s.share.synced(id(0x70), all, view + 1);
  CHECK(s.share.state().unsynced(id(0x70), id(0x75)));
  s.share.synced(id(0x70), {all.last, all.first}, view);
  CHECK(s.share.state().unsynced(id(0x70), id(0x75)));
  s.share.synced(id(0x70), all, view);
  CHECK_FALSE(s.share.state().unsynced(id(0x70), id(0x75)));
}

TEST_CASE("whom a member holds for unsynced compares again, where both have a share") {
  scene s;
  s.become({active_member(id(0x90)), active_member(id(0x70))});
  s.share.state().synced_here(overlay::whole_ring());
  s.share.alarm().begin();
  s.share.unsynced_here(id(0x50));  // no member
  CHECK(s.share.state().here().empty());
  CHECK_FALSE(s.share.alarm().woken());
  s.share.unsynced_here(id(0x90));
  CHECK(s.share.state().here().contains(id(0x88)));
  CHECK(s.share.alarm().woken());
}

TEST_CASE("what is held is counted as root's and as replica's, and what a member may lack as under-replicated") {
  scene s;
  s.become({active_member(id(0x90))});
  s.put(0x81);
  s.put(0x8f);
  s.put(0x79);
  s.share.state().synced_here(overlay::whole_ring());
  s.share.state().answered(id(0x90), overlay::whole_ring());
  s.share.state().synced(id(0x90), overlay::whole_ring());
  s.world.run_for(1min);
  auto c = s.share.counts();
  CHECK(c.records == 3);
  CHECK(c.primary == 2);
  CHECK(c.replicas == 1);
  CHECK(c.under_replicated == 0);
  CHECK(c.synced);
  s.become({active_member(id(0x90), 2)});  // it has started again
  s.world.run_for(1min);
  c = s.share.counts();
  CHECK(c.under_replicated == 2);
  CHECK_FALSE(c.synced);
}

}  // namespace replica_share_test
