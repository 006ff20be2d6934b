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

TEST_CASE("a modelled certificate is refused by a supernode's trust, and its signature fits nothing else") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  const auto issuer = sim::make_issuer(sim::crypto::model, "example.org", now, 1);
  identity::node_id a, b;
  a.octets[0] = 1;
  b.octets[0] = 2;
  const auto alice = issuer->issue({a, "alice@example.org", {}, now - 1h, now + 1h});
  const auto bob = issuer->issue({b, "bob@example.org", {}, now - 1h, now + 1h});
  CHECK(issuer->trust().check(alice.certificate, now).has_value());
  CHECK(issuer->trust().check(alice.certificate, now + 2h).error() == identity::errc::expired);
  const identity::trust real("example.org");
  CHECK(real.check(alice.certificate, now).error() == identity::errc::unknown_issuer);
  CHECK_FALSE(real.read(alice.certificate.der()).has_value());
  CHECK(issuer->trust().read(alice.certificate.der()).value() == alice.certificate);

  const auto text = core::to_bytes("what is signed");
  const auto signature = alice.key.sign(text);
  CHECK(signature.size() == 64);
  CHECK(alice.certificate.verify(8, 7, text, signature).has_value());
  CHECK_FALSE(bob.certificate.verify(8, 7, text, signature).has_value());
  CHECK_FALSE(alice.certificate.verify(8, 7, core::to_bytes("something else"), signature).has_value());
  CHECK_FALSE(alice.certificate.verify(4, 3, text, signature).has_value());
}

TEST_CASE("a modelled certificate is as long as a real one") {
  const core::wall_time now(std::chrono::hours(24 * 20000));
  std::array<std::size_t, 2> sizes{};
  for (const auto c : {sim::crypto::model, sim::crypto::real}) {
    const auto issuer = sim::make_issuer(c, "example.org", now, 1);
    identity::node_id id;
    id.octets[0] = 1;
    sizes[static_cast<std::size_t>(c)] = issuer->issue({id, "node10@example.org", {}, now - 1h, now + 1h}).certificate.der().size();
  }
  CHECK(sizes[0] >= sizes[1] - 8);
  CHECK(sizes[0] <= sizes[1] + 8);
}

}  // namespace ring_test
