#include "pastry/deaf_members.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace deaf_members_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using hearing = deaf_members::hearing;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};

// An active node with one member in its leaf set.
struct scene {
  scene() {
    auto& r = ring.record(member);
    r.peer = r.active = r.admitted = r.link.open = true;
    ring.enter(member);
    ring.active = true;
  }

  node_id member = id(0x90);
  ring_view ring{id(0x80), 8, 4, 8};
  deaf_members deaf{ring};
};

}  // namespace

TEST_CASE("a member that leaves two probes unanswered, one after the other, is deaf until it answers one") {
  scene s;
  CHECK(s.deaf.note(s.member, false, start) == hearing::ask_again);
  CHECK(s.deaf.note(s.member, true, start) == hearing::fine);
  CHECK(s.deaf.note(s.member, false, start) == hearing::ask_again);
  CHECK(s.deaf.note(s.member, false, start) == hearing::deaf);
  CHECK_FALSE(s.ring.usable(s.member));
  CHECK(s.deaf.note(s.member, true, start) == hearing::fine);
  CHECK(s.ring.usable(s.member));
}

TEST_CASE("only of members that are usable it matters whether they answer, and only to an active node") {
  scene s;
  CHECK(s.deaf.doubts(s.member));
  CHECK_FALSE(s.deaf.doubts(id(0x91)));
  CHECK(s.deaf.note(id(0x91), false, start) == hearing::fine);
  s.ring.record(s.member).doubt.suspect = true;
  CHECK_FALSE(s.deaf.doubts(s.member));
  s.ring.record(s.member).doubt.suspect = false;
  s.ring.active = false;
  CHECK_FALSE(s.deaf.doubts(s.member));
  CHECK(s.deaf.note(s.member, false, start) == hearing::fine);
}

TEST_CASE("one that was deaf and says something is asked whether it hears, once in ten seconds") {
  scene s;
  CHECK_FALSE(s.deaf.may_hear(s.member, start));
  (void)s.deaf.note(s.member, false, start);
  (void)s.deaf.note(s.member, false, start);
  CHECK_FALSE(s.deaf.may_hear(s.member, start + 9s));
  CHECK(s.deaf.may_hear(s.member, start + 10s));
  CHECK_FALSE(s.deaf.may_hear(s.member, start + 19s));
  s.ring.record(s.member).link.open = false;
  CHECK_FALSE(s.deaf.may_hear(s.member, start + 1h));
}

}  // namespace deaf_members_test
