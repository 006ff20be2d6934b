#include "pastry/ring_formation.hpp"

#include <doctest.h>

#include "overlay/support/simulated_ring.hpp"

namespace ring_formation_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::ring_formation;
using waiting = ring_formation::waiting;

namespace {

identity::node_id id(std::uint8_t n) {
  identity::node_id out;
  out.octets.fill(n);
  return out;
}

constexpr core::time_point start{100s};

// Peers that a ring had, and that have all been stopped: each a new process with the certificate of its old one.
struct restarted_ring {
  explicit restarted_ring(std::size_t n, std::uint64_t seed) : ring(seed) {
    for (std::size_t i = 0; i < n; ++i) certificates.push_back(ring.overlay.issue("member" + std::to_string(i) + "@example.org"));
  }

  // Host 0 is there, and its peer never started.
  void leave_out_first() {
    ring.add(certificates[0]);
    ring.peers[0]->alive = false;
    ring.network.kill(0);
  }

  // Member i, who knows all others.
  void start(std::size_t i, core::duration after = 0s) {
    std::vector<identity::node_id> others;
    for (std::size_t k = 0; k < certificates.size(); ++k) {
      if (k != i) others.push_back(certificates[k].certificate.node());
    }
    ring.options.members = others;
    ring.add(certificates[i]);
    hosts.push_back(static_cast<unsigned>(ring.peers.size() - 1));
    ring.tasks.spawn(join(ring.peers.size() - 1, after));
  }

  core::awaitable<void> join(std::size_t at, core::duration after) {
    co_await core::sleep_for(ring.world.env(), after);
    std::vector<transport::candidate> places;
    for (unsigned host = 0; host < certificates.size(); ++host) {
      if (host != at) places.push_back(simulated_network::candidate(host));
    }
    while (ring.peers[at]->peer->status().state == overlay::peer_state::joining) {  // ends joined, or with the test
      (void)co_await ring.peers[at]->peer->join(places, ring.world.now() + 30s);
    }
  }

  simulated_ring ring;
  std::vector<identity::credential> certificates;
  std::vector<unsigned> hosts;
};

}  // namespace

TEST_CASE("a member forms the ring again only when most of the members wait with it") {
  ring_formation f(id(1), {id(2), id(3), id(4), id(5), id(6), id(7)});
  const std::vector<waiting> three{{id(2), false}, {id(3), false}};
  CHECK_FALSE(f.look(three, start));
  CHECK_FALSE(f.look(three, start + 1h));
  CHECK_FALSE(f.may_form());
  const std::vector<waiting> four{{id(2), false}, {id(3), false}, {id(4), false}};
  CHECK_FALSE(f.look(four, start + 2h));
  CHECK(f.may_form());
  CHECK(f.look(four, start + 2h + ring_formation::patience));
}

TEST_CASE("nodes that never were members do not count") {
  ring_formation f(id(1), {id(2), id(3)});
  CHECK_FALSE(f.look({{id(8), true}, {id(9), true}}, start));
  CHECK_FALSE(f.look({{id(8), true}, {id(9), true}}, start + 1h));
}

TEST_CASE("of those that may form the ring the smallest Node-ID does, and the others wait for it") {
  ring_formation f(id(3), {id(1), id(2), id(4)});
  CHECK_FALSE(f.look({{id(2), true}, {id(4), true}}, start));
  CHECK_FALSE(f.look({{id(2), true}, {id(4), true}}, start + 1h));
  CHECK(f.look({{id(2), false}, {id(4), true}}, start + 2h));  // the smaller one has not found enough
}

TEST_CASE("the time that others have begins anew when the majority was gone, or somebody was active") {
  ring_formation f(id(1), {id(2), id(3)});
  CHECK_FALSE(f.look({{id(2), false}}, start));
  CHECK_FALSE(f.look({}, start + 1s));
  CHECK_FALSE(f.look({{id(2), false}}, start + 10s));
  f.stand_down();
  CHECK_FALSE(f.look({{id(2), false}}, start + 20s));
  CHECK(f.look({{id(2), false}}, start + 20s + ring_formation::patience));
}

TEST_CASE("a node that was alone in its ring begins it again at once, unless others are there") {
  ring_formation f(id(1), {});
  CHECK(f.look({}, start));
  ring_formation met(id(1), {});
  CHECK_FALSE(met.look({{id(2), false}}, start));
}

TEST_CASE("a ring of seven that was down comes back without its first node") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    restarted_ring r(7, seed);
    r.leave_out_first();
    for (std::size_t i = 1; i < 7; ++i) r.start(i);
    CHECK(r.ring.eventually([&] { return r.ring.active() == 6; }, 30s));
    CHECK(r.ring.settle(10s));
  }
}

TEST_CASE("members that come back one after the other form one ring") {
  for (const std::uint64_t seed : {4U, 5U, 6U, 7U}) {
    restarted_ring r(7, seed);
    r.leave_out_first();
    for (std::size_t i = 1; i < 7; ++i) r.start(i, i * 4s);
    r.ring.world.run_for(11s);
    CHECK(r.ring.active() == 0);
    CHECK(r.ring.eventually([&] { return r.ring.active() == 6; }, 60s));
    CHECK(r.ring.settle(20s));
  }
}

TEST_CASE("fewer than a majority wait for ever, and form the ring when they are told to") {
  restarted_ring r(7, 8);
  r.leave_out_first();
  for (std::size_t i = 1; i < 4; ++i) r.start(i);
  r.ring.world.run_for(10min);
  CHECK(r.ring.active() == 0);
  r.ring.peers[2]->peer->form();
  CHECK(r.ring.eventually([&] { return r.ring.active() == 3; }, 30s));
  CHECK(r.ring.settle(20s));
}

// All are linked to all, so nobody looks for anybody, and no grant of one ring is worth anything in the other.
TEST_CASE("two rings that members have formed at the same time become one") {
  for (const std::uint64_t seed : {9U, 10U, 11U, 12U}) {
    CAPTURE(seed);
    restarted_ring r(12, seed);
    r.leave_out_first();
    for (std::size_t i = 1; i < 12; ++i) r.start(i);
    r.ring.world.run_for(2500ms);
    CHECK(r.ring.active() == 0);
    r.ring.peers[3]->peer->form();
    r.ring.peers[8]->peer->form();
    CHECK(r.ring.eventually([&] { return r.ring.active() == 11; }, 60s));
    CHECK(r.ring.settle(20s));
  }
}

TEST_CASE("two rings of one overlay that hear of each other become one") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    for (const std::size_t size : {1U, 3U, 6U}) {
      simulated_ring ring(seed);
      for (std::size_t i = 0; i < 6 + size; ++i) ring.add();
      for (std::size_t i = 6; i < 6 + size; ++i) ring.network.side[static_cast<unsigned>(i)] = 1;
      const auto begin = [&](std::size_t at, unsigned through) {
        std::vector<transport::candidate> places{simulated_network::candidate(through)};
        ring.tasks.spawn([](simulated_ring& in, std::size_t peer, std::vector<transport::candidate> by) -> core::awaitable<void> {
          (void)co_await in.peers[peer]->peer->join(by, in.world.now() + 10min);
        }(ring, at, places));
      };
      for (std::size_t i = 0; i < 6; ++i) begin(i, 0);
      for (std::size_t i = 6; i < 6 + size; ++i) begin(i, 6);
      ring.peers[6]->peer->form();
      REQUIRE(ring.eventually([&] { return ring.active() == 6 + size; }, 60s));
      REQUIRE_FALSE(ring.complete());
      ring.network.side.clear();
      ring.peers[6]->peer->seek({simulated_network::candidate(2)});
      const auto healed = ring.world.now();
      CHECK(ring.settle(60s));
      MESSAGE("one ring after ", std::chrono::duration<double>(ring.world.now() - healed).count(), " s");
    }
  }
}

}  // namespace ring_formation_test
