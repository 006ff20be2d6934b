#include "pastry/neighbour_watch.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace neighbour_watch_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};
constexpr core::duration heartbeat = 30s;
constexpr auto never = core::time_point::max();

// Node 80 between 70 and 90, which were heard now.
struct scene {
  scene() {
    for (const auto& n : {left, right}) {
      auto& r = ring.record(n);
      r.peer = r.active = r.admitted = r.link.open = true;
      r.link.heard = start;
      ring.enter(n);
    }
    (void)watch.look(start, never);
  }

  node_id left = id(0x70);
  node_id right = id(0x90);
  ring_view ring{id(0x80), 8, 4, 8};
  neighbour_watch watch{ring, heartbeat};
};

}  // namespace

TEST_CASE("the left neighbour is asked when nothing was heard of it for a heartbeat, the right one suspected three seconds later") {
  scene s;
  auto f = s.watch.look(start + 29s, never);
  CHECK_FALSE(f.ask.has_value());
  CHECK_FALSE(f.suspect.has_value());
  CHECK(f.look_again == start + heartbeat);
  f = s.watch.look(start + heartbeat, never);
  CHECK(f.ask == s.left);
  CHECK_FALSE(f.suspect.has_value());
  CHECK(f.look_again == start + 33s);
  f = s.watch.look(start + 33s, never);
  CHECK(f.suspect == s.right);
}

TEST_CASE("views are compared with the left neighbour when it is time, whatever was heard of it") {
  scene s;
  CHECK(s.watch.look(start + 10s, start + 10s).ask == s.left);
  CHECK(s.watch.look(start + 9s, start + 10s).look_again == start + 10s);
}

TEST_CASE("who has just become the right neighbour has as long as any") {
  scene s;
  const auto between = id(0x88);
  auto& r = s.ring.record(between);
  r.peer = r.active = r.admitted = r.link.open = true;  // heard long ago
  s.ring.enter(between);
  CHECK_FALSE(s.watch.look(start + 20s, never).suspect.has_value());
  CHECK_FALSE(s.watch.look(start + 52s, never).suspect.has_value());
  CHECK(s.watch.look(start + 53s, never).suspect == between);
}

TEST_CASE("who is not usable is neither asked nor suspected, and a node alone has nobody to look at") {
  scene s;
  s.ring.record(s.left).doubt.suspect = s.ring.record(s.right).doubt.suspect = true;
  const auto f = s.watch.look(start + 1h, start);
  CHECK_FALSE(f.ask.has_value());
  CHECK_FALSE(f.suspect.has_value());
  ring_view empty{id(0x80), 8, 4, 8};
  neighbour_watch alone{empty, heartbeat};
  CHECK(alone.look(start, start).look_again == never);
}

}  // namespace neighbour_watch_test
