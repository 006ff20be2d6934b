#include "reload/clock_watch.hpp"

#include <doctest.h>

#include "overlay/support/simulated_ring.hpp"

namespace clock_watch_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::clock_watch;

namespace {

identity::node_id id(std::uint8_t n) {
  identity::node_id out;
  out.octets.fill(n);
  return out;
}

constexpr core::time_point start{1000s};

bool in_leaf_set(const simulated_peer& of, const identity::node_id& n) {
  const auto s = of.peer->status().leaf_set;
  return std::ranges::find(s.left, n) != s.left.end() || std::ranges::find(s.right, n) != s.right.end();
}

identity::credential issued(simulated_ring& ring, const std::string& user, core::duration ago) {
  const auto now = ring.world.env().wall_now();
  auto key = identity::private_key::generate();
  const auto from = now - std::chrono::duration_cast<core::wall_time::duration>(ago);
  auto certificate = ring.overlay.ca.issue({ring.random_key(), user, ring.overlay.name, {}, from, now + 24h, true}, key.native()).value();
  return {std::move(certificate), std::move(key)};
}

}  // namespace

TEST_CASE("a clock is judged by the median of the others, so that one liar moves nothing") {
  clock_watch c(core::hash_key{});
  c.told(id(1), 2s, start);
  c.told(id(2), -1s, start);
  c.told(id(3), 24h * 365, start);
  CHECK_FALSE(c.wrong(start));
  CHECK(c.text(start).empty());
  REQUIRE(c.off(id(3), start).has_value());
  CHECK(*c.off(id(3), start) == 24h * 365 - 2s);
  CHECK_FALSE(c.off(id(1), start).has_value());
}

TEST_CASE("a clock that is wrong is told with how much and which way") {
  clock_watch c(core::hash_key{});
  for (std::uint8_t n = 1; n < 6; ++n) c.told(id(n), 20min + 3s, start);
  CHECK(c.text(start) == "the clock of this node is 20 min 3 s behind those of its 5 neighbours");
  for (std::uint8_t n = 1; n < 6; ++n) c.told(id(n), -(2h + 5min), start);
  CHECK(c.text(start) == "the clock of this node is 2 h 5 min ahead of those of its 5 neighbours");
  CHECK(c.text(start + clock_watch::remembered).empty());
}

TEST_CASE("a wrong clock is corrected from the moment it is set, if three others have told the time") {
  clock_watch c(core::hash_key{});
  for (std::uint8_t n = 1; n < 3; ++n) c.told(id(n), 2s, start);
  c.shows(72h);
  CHECK(c.correction(start) == 0s);
  c.shows(0s);
  c.told(id(3), 2s, start);
  CHECK(c.correction(start) == 0s);
  c.shows(72h);
  CHECK(c.correction(start) == -72h + 2s);
  CHECK(c.correction(start + clock_watch::remembered) == 0s);
}

TEST_CASE("a clock that is put right is right at once, by what the others have said before") {
  clock_watch c(core::hash_key{});
  c.shows(5h - 20min);
  for (std::uint8_t n = 1; n < 4; ++n) c.told(id(n), 20min, start);
  CHECK(c.wrong(start));
  c.shows(5h);
  CHECK_FALSE(c.wrong(start));
  CHECK_FALSE(c.off(id(1), start).has_value());
  c.shows(5h + 2min);
  CHECK(c.text(start) == "the clock of this node is 2 min 0 s ahead of those of its 3 neighbours");
}

TEST_CASE("where others are too few to say whose clock is wrong, the server's word counts") {
  clock_watch c(core::hash_key{});
  CHECK_FALSE(c.agreed(start));
  c.shows(5h);
  c.told({"login.example.com", 5h + 20min + 3s, start});
  CHECK(c.wrong(start));
  CHECK(c.text(start) == "the clock of this node is 20 min 3 s behind that of the server login.example.com");
  CHECK(c.correction(start) == 20min + 3s);
  CHECK(c.agreed(start));
  c.shows(5h + 20min);  // put right
  CHECK(c.text(start).empty());
  CHECK(c.correction(start) == 0s);
  // One of the two others is wrong: without the server nobody would know whether this node is.
  c.told(id(1), -72h, start);
  c.told(id(2), 0s, start);
  CHECK_FALSE(c.wrong(start));
  CHECK(c.off(id(1), start).has_value());
  CHECK_FALSE(c.off(id(2), start).has_value());
  c.shows(5h + 20min + 72h);
  CHECK(c.correction(start) == -72h + 3s);
  CHECK_FALSE(c.server_off(start).has_value());  // two can not tell
  CHECK(c.text(start + clock_watch::server_remembered).empty());
  CHECK_FALSE(c.agreed(start + clock_watch::server_remembered));
}

TEST_CASE("three neighbours know better than the server, whose clock is wrong then") {
  clock_watch c(core::hash_key{});
  c.shows(5h);
  c.told({"login.example.com", 5h + 30min, start});
  for (std::uint8_t n = 1; n < 4; ++n) c.told(id(n), 1s, start);
  CHECK_FALSE(c.wrong(start));
  CHECK(c.correction(start) == 0s);
  CHECK(c.agreed(start));
  REQUIRE(c.server_off(start).has_value());
  CHECK(*c.server_off(start) == 30min - 1s);
  c.told({"login.example.com", 5h, start});
  CHECK_FALSE(c.server_off(start).has_value());
}

TEST_CASE("a clock that one other has told the same is agreed, one that two tell otherwise is not") {
  clock_watch c(core::hash_key{});
  c.told(id(1), 2s, start);
  CHECK(c.agreed(start));
  CHECK_FALSE(c.agreed(start + clock_watch::remembered));
  for (std::uint8_t n = 1; n < 3; ++n) c.told(id(n), 20min, start);
  CHECK_FALSE(c.agreed(start));
  c.told(id(3), 20min, start);  // three say what is right
  CHECK(c.agreed(start));
}

TEST_CASE("of two nodes the one whose clock is wrong by the server's leaves the ring, the other stays") {
  simulated_ring ring(2);
  while (ring.peers.size() < 2) ring.add();
  REQUIRE(ring.join_all());
  REQUIRE(ring.settle(60s));
  for (std::size_t i = 0; i < 2; ++i) {
    auto& env = ring.peers[i]->host->env();
    const auto wall = std::chrono::duration_cast<core::duration>(env.wall_now().time_since_epoch());
    ring.peers[i]->peer->hear_time({"login.example.com", wall - env.now().time_since_epoch(), env.now()});
  }
  ring.peers[1]->host->env().set_skew(-30h);
  CHECK(ring.peers[1]->peer->status().clock == "the clock of this node is 30 h 0 min behind that of the server login.example.com");
  CHECK(ring.eventually([&] { return !ring.peers[1]->peer->active(); }, 60s));
  CHECK(ring.peers[0]->peer->active());
  CHECK(ring.peers[0]->peer->status().clock.empty());
  ring.peers[1]->host->env().set_skew(0s);
  CHECK(ring.eventually([&] { return ring.peers[1]->peer->active(); }, 90s));
}

TEST_CASE("a node is blind when its own clock is wrong and most that it is linked to can not be judged") {
  clock_watch c(core::hash_key{});
  for (std::uint8_t n = 1; n < 5; ++n) c.unjudged(id(n), start);
  CHECK_FALSE(c.blind(5, start));  // it may be their certificates
  for (std::uint8_t n = 1; n < 6; ++n) c.told(id(n), 20min, start);
  CHECK(c.blind(5, start));
  CHECK_FALSE(c.blind(8, start));
  c.judged(id(1));
  c.judged(id(2));
  CHECK_FALSE(c.blind(5, start));
  CHECK_FALSE(c.blind(2, start + clock_watch::unjudged_for));
}

TEST_CASE("a node whose clock is set back, so that it can judge nobody, leaves the ring, says why, and comes back") {
  simulated_ring ring(5);
  while (ring.peers.size() < 8) ring.add();
  REQUIRE(ring.join_all());
  REQUIRE(ring.settle(60s));
  auto& wrong = *ring.peers[3];
  wrong.host->env().set_skew(-30h);
  CHECK(ring.eventually([&] { return !wrong.peer->active(); }, 60s));
  wrong.alive = false;  // of those that should be in the ring
  CHECK(ring.settle(500ms));
  for (int i = 0; i < 50; ++i) {  // and nothing that it has said before takes it in again
    ring.world.run_for(100ms);
    CHECK(ring.complete());
  }
  CHECK(wrong.peer->status().clock == "the clock of this node is 30 h 0 min behind those of its 7 neighbours");
  wrong.host->env().set_skew(0s);
  CHECK(wrong.peer->status().clock.empty());
  wrong.alive = true;
  CHECK(ring.eventually([&] { return wrong.peer->active(); }, 90s));
  CHECK(ring.settle(60s));
  CHECK(wrong.peer->status().clock.empty());
}

TEST_CASE("a member that acknowledges and talks, and never answers, is given up, and taken again when it answers") {
  simulated_ring ring(6);
  for (int i = 0; i < 6; ++i) ring.add(issued(ring, "old" + std::to_string(i) + "@example.org", 2h + 30min));
  for (int i = 0; i < 2; ++i) ring.add(issued(ring, "young" + std::to_string(i) + "@example.org", 1h));
  REQUIRE(ring.join_all());
  REQUIRE(ring.settle(60s));
  auto& deaf = *ring.peers[2];
  const auto& young = *ring.peers[6];
  REQUIRE(in_leaf_set(young, deaf.id()));
  deaf.host->env().set_skew(-2h);  // it judges the old ones, and takes the young for those to come
  for (int i = 0; i < 3; ++i) {
    (void)ring.finish(ring.peers[6]->peer->ping(deaf.id(), 2s));
    ring.world.run_for(2s);
  }
  CHECK(ring.eventually([&] { return !in_leaf_set(young, deaf.id()); }, 30s));
  CHECK(in_leaf_set(*ring.peers[0], deaf.id()));
  deaf.host->env().set_skew(0s);
  CHECK(ring.settle(150s));
}

}  // namespace clock_watch_test
