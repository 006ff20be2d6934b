#include "pastry/leaf_set_admission.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace leaf_set_admission_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_parts {
  // An active node that is linked, and not admitted.
  node_id stranger(std::uint8_t first) {
    const auto n = id(first);
    auto& r = ring.record(n);
    r.peer = r.active = r.link.open = true;
    return n;
  }
  leaf_set_state state(std::uint8_t flags = leaf_set_state::flag_active) {
    leaf_set_state s;
    s.incarnation = 7;
    s.flags = flags;
    return s;
  }
  std::vector<signed_grant> ask(const node_id& n) { return admission.grant(n, state(leaf_set_state::flag_asks), world.now()); }

  leaf_set_admission admission{self, trust, ring, links, std::vector{id(0x20)}, {1, 2}, {3, 4}};
};

}  // namespace

TEST_CASE("nobody is admitted by its own word; its neighbours-to-be are asked after it, once in ten seconds") {
  scene s;
  s.recover();
  const auto n = s.stranger(0x83);
  CHECK_FALSE(s.admission.judge(n, s.state(), s.world.now()));
  CHECK_FALSE(s.ring.record(n).admitted);
  // Clockwise from 80: itself, 85 and 86.
  CHECK(s.admission.witnesses(n, s.world.now()) == std::vector{s.suspect->peer().node()});
  CHECK(s.admission.witnesses(n, s.world.now() + 9s).empty());
  CHECK(s.admission.witnesses(n, s.world.now() + 10s).size() == 1);
  const auto between = s.stranger(0x90);
  CHECK(s.admission.witnesses(between, s.world.now()) == std::vector{s.well->peer().node()});
}

TEST_CASE("who shows the grant of this node, or of a member of its leaf set, is admitted in that incarnation") {
  scene s;
  const auto member = s.issue(0x90);
  const auto link = std::make_shared<noting_link>(s.world, member.certificate);
  const auto granter = member.certificate.node();
  s.links.add(link, true, s.world.now());
  auto& r = s.ring.record(granter);
  r.peer = r.active = r.admitted = r.link.open = true;
  s.ring.enter(granter);
  const auto overlay_hash = s.trust.overlay_hash();

  auto told = s.state();
  told.grants = {signed_grant::make(member, {overlay_hash, id(0x91), 6})};  // of an earlier incarnation
  CHECK_FALSE(s.admission.judge(s.stranger(0x91), told, s.world.now()));
  told.grants = {signed_grant::make(member, {overlay_hash, id(0x92), 7})};  // somebody else's
  CHECK_FALSE(s.admission.judge(id(0x91), told, s.world.now()));
  told.grants = {signed_grant::make(member, {overlay_hash, id(0x91), 7})};
  CHECK(s.admission.judge(id(0x91), told, s.world.now()));
  CHECK(s.ring.record(id(0x91)).admitted);
  CHECK(s.admission.vouches(id(0x91)));

  told.grants = {signed_grant::make(*s.self, {overlay_hash, id(0x93), 7})};
  CHECK(s.admission.judge(s.stranger(0x93), told, s.world.now()));

  s.ring.leafs.erase(granter);
  told.grants = {signed_grant::make(member, {overlay_hash, id(0x94), 7})};
  CHECK_FALSE(s.admission.judge(s.stranger(0x94), told, s.world.now()));
}

TEST_CASE("members of the ring that was are believed for an hour after the start") {
  scene s;
  s.admission.begin(s.world.now());
  CHECK_FALSE(s.admission.judge(s.stranger(0x20), s.state(), s.world.now() + 1h));
  CHECK(s.admission.judge(id(0x20), s.state(), s.world.now() + 59min));
}

TEST_CASE("a neighbour grants one joiner at a time, names it from then on, and has its place back when the time is over") {
  scene s;
  const auto granted = s.ask(id(0x82));
  REQUIRE(granted.size() == 1);
  CHECK(granted.front().verify(s.self->certificate, {s.trust.overlay_hash(), id(0x82), 7}).has_value());
  CHECK(s.ring.leafs.contains(id(0x82)));
  CHECK(s.admission.granted(id(0x82)));
  CHECK(s.ask(id(0x81)).empty());
  CHECK(s.admission.busy_for(id(0x81), s.world.now()));
  CHECK(s.admission.any_holds());
  CHECK_FALSE(s.admission.expire(s.world.now() + joiner_grant::window - 1ms));
  CHECK(s.admission.expire(s.world.now() + joiner_grant::window));
  CHECK_FALSE(s.ring.leafs.contains(id(0x82)));
  CHECK_FALSE(s.admission.any_holds());
}

TEST_CASE("who would not stand beside this node is granted nothing, and who has become active keeps its place") {
  scene s;
  s.recover();
  s.ring.leafs.insert(id(0x7f));
  CHECK(s.ask(id(0x88)).empty());
  CHECK_FALSE(s.admission.any_holds());
  REQUIRE(s.ask(id(0x82)).size() == 1);
  s.ring.record(id(0x82)).active = true;
  s.admission.end(id(0x82), true);
  CHECK_FALSE(s.admission.expire(s.world.now() + joiner_grant::window));
  CHECK(s.ring.leafs.contains(id(0x82)));
}

TEST_CASE("a root admits one joiner at a time, and another when that one has given back") {
  scene s;
  CHECK(s.admission.admit(id(0x82), s.world.now()));
  CHECK(s.admission.holds(id(0x82)));
  CHECK_FALSE(s.admission.admit(id(0x83), s.world.now()));
  s.admission.release(id(0x82));
  CHECK(s.admission.admit(id(0x83), s.world.now()));
}

TEST_CASE("a neighbour that does not name this node is asked for a grant, once in ten seconds") {
  scene s;
  const auto n = s.well->peer().node();  // the last one clockwise: the left neighbour
  auto told = s.state();
  CHECK(s.admission.lacks_grant_of(n, told, s.world.now()));
  CHECK_FALSE(s.admission.lacks_grant_of(n, told, s.world.now() + 9s));
  CHECK(s.admission.lacks_grant_of(n, told, s.world.now() + 10s));
  told.right = {s.ring.self()};
  CHECK_FALSE(s.admission.lacks_grant_of(n, told, s.world.now() + 1h));
  CHECK_FALSE(s.admission.lacks_grant_of(id(0x33), s.state(), s.world.now() + 1h));
}

}  // namespace leaf_set_admission_test
