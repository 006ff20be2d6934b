// Storage inside real peers: the API of a ring over a simulated network, through crashes, a join and a leave.
#include "phyllo/overlay/overlay.hpp"

#include <doctest.h>

#include "overlay/support/simulated_ring.hpp"
#include "phyllo/overlay/errc.hpp"

namespace overlay_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

using answer = core::result<overlay::outcome>;

class api_ring : public simulated_ring {
 public:
  using simulated_ring::simulated_ring;

  void grow(std::size_t n) {
    while (peers.size() < n) add();
    REQUIRE(join_all());
    REQUIRE(settle(60s));
    world.run_for(2s);
  }
  answer get(std::size_t i, const std::string& name, bool quorum = false) {
    overlay::read_options o;
    o.quorum = quorum;
    return finish(peers[i]->peer->get({}, *overlay::name::parse(name), o));
  }
  answer add_value(std::size_t i, const std::string& name, const std::string& value) {
    overlay::record r;
    r.value = value;
    return finish(peers[i]->peer->add({}, *overlay::name::parse(name), r, 3600s, {}));
  }
  answer update(std::size_t i, const std::string& name, const std::string& value) {
    overlay::record r;
    r.value = value;
    return finish(peers[i]->peer->update({}, *overlay::name::parse(name), r, 3600s, {}));
  }
  answer remove(std::size_t i, const std::string& name) { return finish(peers[i]->peer->remove({}, *overlay::name::parse(name), {})); }

  // Record n is written by peer n mod `writers` under its own user's name.
  static std::string name_of(std::size_t n, std::size_t writers) {
    return "t" + std::to_string(n) + ":node" + std::to_string(n % writers) + "@example.org";
  }

  // Asked each 100 ms, since a status costs more than a step of the simulation.
  bool settle(core::duration limit) {
    const auto end = world.now() + limit;
    while (world.now() < end && !(complete() && under_replicated() == 0)) world.run_for(100ms);
    return complete() && under_replicated() == 0;
  }

  [[nodiscard]] std::uint64_t under_replicated() const {
    std::uint64_t sum = 0;
    for (const auto& p : peers) sum += p->alive ? p->peer->status().storage.under_replicated : 0;
    return sum;
  }
};

}  // namespace

TEST_CASE("what one of sixteen peers puts, all get, with root, replicas, hops and path told") {
  api_ring ring(1);
  ring.grow(16);
  const auto name = api_ring::name_of(7, 16);
  const auto key = overlay::name::parse(name)->key();
  const auto added = ring.add_value(7, name, "hello");
  REQUIRE_MESSAGE(added.has_value(), (added ? std::string() : added.error().message()));
  CHECK(added->root == ring.root(key));
  CHECK(added->replicas.size() == 4);
  CHECK(added->acknowledged >= 3);
  for (std::size_t i = 0; i < 16; ++i) {
    const auto got = ring.get(i, name);
    REQUIRE_MESSAGE(got.has_value(), (got ? std::string() : got.error().message()));
    CHECK(got->values.at(0).content.value == "hello");
    CHECK(got->values.at(0).signer == "node7@example.org");
    CHECK(got->root == ring.root(key));
    CHECK(got->path.front() == ring.peers[i]->id());
    CHECK(got->path.back() == got->root);
    CHECK(got->hops == got->path.size() - 1);
    CHECK(got->took < 1s);
  }
  CHECK(ring.get(3, name, true).has_value());
  CHECK(ring.add_value(7, name, "again").error() == errc::already_exists);
  REQUIRE(ring.update(7, name, "newer").has_value());
  CHECK(ring.get(2, name)->values.at(0).content.value == "newer");
  CHECK(ring.update(6, name, "not mine").error() == errc::forbidden);
  CHECK(ring.remove(6, name).error() == errc::forbidden);
  REQUIRE(ring.remove(7, name).has_value());
  for (std::size_t i = 0; i < 16; ++i) CHECK(ring.get(i, name).error() == errc::not_found);
}

TEST_CASE("the API names what is wrong with a call") {
  api_ring ring(2);
  ring.grow(2);
  auto& peer = *ring.peers[0]->peer;
  const auto name = *overlay::name::parse("data:node0@example.org");
  CHECK(ring.finish(peer.get("another overlay", name, {})).error() == errc::unknown_overlay);
  CHECK(ring.finish(peer.get("example.org", name, {})).error() == errc::not_found);
  CHECK(ring.remove(0, "data:node0@example.org").error() == errc::not_found);
  CHECK(ring.add_value(0, "data:node0@example.org", std::string(5000, 'x')).error() == errc::quota_exceeded);
  auto& outsider = ring.add();
  CHECK(ring.finish(outsider.peer->get({}, name, {})).error() == errc::not_joined);
}

TEST_CASE("every name can be updated by everybody, and is read right, while two neighbours can not reach each other") {
  api_ring ring(4);
  ring.network.resets = false;
  ring.grow(12);
  constexpr std::size_t records = 48;
  for (std::size_t n = 0; n < records; ++n) REQUIRE(ring.add_value(n % 12, api_ring::name_of(n, 12), "v").has_value());
  const auto a = ring.at_place(5);
  const auto b = ring.at_place(6);
  ring.network.cut = {{a, b}};
  ring.world.run_for(10s);
  for (const auto* value : {"first", "second"}) {
    for (std::size_t n = 0; n < records; ++n) {
      CAPTURE(n);
      const auto updated = ring.update(n % 12, api_ring::name_of(n, 12), value);
      REQUIRE_MESSAGE(updated.has_value(), (updated ? std::string() : updated.error().message()));
      CHECK(updated->took < 1s);
      for (const auto reader : {std::size_t{a}, std::size_t{b}, (n + 1) % 12}) {
        const auto got = ring.get(reader, api_ring::name_of(n, 12));
        REQUIRE_MESSAGE(got.has_value(), (got ? std::string() : got.error().message()));
        CHECK(got->values.at(0).content.value == value);
      }
    }
    ring.world.run_for(60s);
  }
  ring.network.cut.clear();
  ring.world.run_for(15s);
  CHECK(ring.settle(10s));
}

TEST_CASE("records of sixteen peers survive two crashes at once, a join, two more crashes, and a leave") {
  api_ring ring(3);
  ring.grow(16);
  constexpr std::size_t records = 120;
  for (std::size_t n = 0; n < records; ++n) REQUIRE(ring.add_value(n % 16, api_ring::name_of(n, 16), "v" + std::to_string(n)).has_value());
  const auto all_got = [&](core::duration limit) {
    for (std::size_t n = 0; n < records; ++n) {
      auto reader = (n * 7 + 3) % ring.peers.size();
      while (!ring.peers[reader]->alive) reader = (reader + 1) % ring.peers.size();
      const auto got = ring.get(reader, api_ring::name_of(n, 16));
      CAPTURE(n);
      REQUIRE_MESSAGE(got.has_value(), (got ? std::string() : got.error().message()));
      CHECK(got->values.at(0).content.value == "v" + std::to_string(n));
      CHECK(got->took < limit);
    }
  };
  CHECK(ring.settle(10s));
  all_got(1s);

  ring.kill(4);
  ring.kill(9);
  all_got(5s);
  ring.world.run_for(30s);
  CHECK(ring.under_replicated() == 0);

  ring.add();
  REQUIRE(ring.join_all());
  CHECK(ring.settle(20s));
  ring.world.run_for(3s);
  CHECK(ring.peers[16]->peer->status().storage.replicas > 0);
  all_got(1s);

  ring.kill(0);
  ring.kill(16);
  all_got(5s);
  ring.world.run_for(30s);

  ring.world.run(ring.peers[2]->peer->leave());
  ring.kill(2);
  all_got(5s);
  ring.world.run_for(10s);
  CHECK(ring.under_replicated() == 0);
}

}  // namespace overlay_test
