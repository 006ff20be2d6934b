// Real peers, with modelled and with real cryptography, against the oracle.
#include "phyllo/sim/ring.hpp"

#include <doctest.h>

#include <array>

#include "phyllo/identity/errc.hpp"

namespace ring_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> ping_root(overlay::peer& from, identity::node_id key, core::result<overlay::ping_outcome>& out) {
  out = co_await from.ping_root(key, 5s);
}

sim::ring_options small(sim::crypto c) {
  sim::ring_options o;
  o.seed = 4;
  o.crypto = c;
  o.peer.leaf_set = 16;
  o.peer.storage = false;
  return o;
}

void check_roots(sim::ring& ring) {
  for (int i = 0; i < 50; ++i) {
    const auto key = ring.random_id();
    core::result<overlay::ping_outcome> answered = core::fail(identity::errc::expired);
    REQUIRE(ring.world().finish(ping_root(*ring.random_active().peer, key, answered)));
    REQUIRE(answered.has_value());
    CHECK(answered->responder == ring.root(key).id());
    CHECK(answered->path.size() == answered->hops + 1);
  }
}

}  // namespace

TEST_CASE("a ring forms with modelled and with real cryptography, has one root per key, and heals") {
  auto crypto = sim::crypto::model;
  SUBCASE("model") {}
  SUBCASE("real") { crypto = sim::crypto::real; }
  sim::ring ring(small(crypto));
  REQUIRE(ring.grow(40, 10min));
  ring.world().run_for(30s);
  CHECK(ring.incomplete().empty());
  check_roots(ring);
  for (int i = 0; i < 3; ++i) ring.kill(ring.random_active());
  auto& back = ring.at(5);
  if (!back.active) ring.start(back);
  ring.world().run_for(2min);
  CHECK(ring.incomplete().empty());
  check_roots(ring);
  ring.leave(ring.random_active());
  ring.world().run_for(1min);
  CHECK(ring.incomplete().empty());
  ring.stop();
}

TEST_CASE("joining over long ways costs a few hundred messages, however many nodes name one that has not answered yet") {
  sim::ring ring(small(sim::crypto::model));
  ring.network().topology = sim::make_plane(3);
  REQUIRE(ring.grow(40, 10min));
  CHECK(ring.network().messages < 40 * 300);
  ring.stop();
}

TEST_CASE("a join whose peer is stopped ends within 10 s, whatever it waits for") {
  sim::ring ring(small(sim::crypto::model));
  ring.network().topology = sim::make_plane(3);
  REQUIRE(ring.grow(20, 10min));
  constexpr std::size_t joins = 40;
  std::array<bool, joins> over{};
  for (std::size_t i = 0; i < joins; ++i) {
    auto& n = ring.add();
    ring.start(n, [&over, i](sim::node&, const core::status&) { over[i] = true; });
    ring.world().run_for(i * 50ms);
    ring.kill(n);
    ring.world().run_for(10s);
    CHECK(over[i]);
  }
  ring.stop();
}

TEST_CASE("two runs of one seed are the same, those of two seeds are not") {
  std::array<std::uint64_t, 3> messages{};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto o = small(sim::crypto::model);
    o.seed = i < 2 ? 11 : 12;
    sim::ring ring(o);
    ring.network().loss = 0.05;
    REQUIRE(ring.grow(25, 10min));
    ring.world().run_for(1min);
    messages[i] = ring.network().messages;
    ring.stop();
  }
  CHECK(messages[0] == messages[1]);
  CHECK(messages[0] != messages[2]);
}

}  // namespace ring_test
