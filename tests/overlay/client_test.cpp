// Ordinary nodes (RFC 6940 s.4.2): attached to a few peers, using the overlay, never part of it.
#include <doctest.h>

#include <map>

#include "overlay/support/simulated_ring.hpp"
#include "phyllo/overlay/errc.hpp"

namespace client_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

class client_ring : public simulated_ring {
 public:
  explicit client_ring(std::size_t n, std::uint64_t seed, overlay::peer_options o = {}) : simulated_ring(seed, o) {
    while (peers.size() < n) add();
    REQUIRE(join_all());
    REQUIRE(settle(60s));
    world.run_for(1s);
  }
  ~client_ring() {
    for (auto& c : clients) world.run(c->peer->stop());
  }

  // Attaches one more; true when it is.
  bool add_client(core::duration limit = 10s) {
    options.client = true;
    add();
    options.client = false;
    clients.push_back(std::move(peers.back()));
    peers.pop_back();
    return attach(*clients.back(), limit).has_value();
  }
  core::status attach(simulated_peer& c, core::duration limit) {
    std::vector<transport::candidate> bootstrap;
    for (unsigned i = 0; i < std::min<std::size_t>(peers.size(), 8); ++i) bootstrap.push_back(simulated_network::candidate(i));
    return finish(c.peer->join(std::move(bootstrap), world.now() + limit));
  }
  core::result<overlay::outcome> get(simulated_peer& at, const std::string& name) {
    return finish(at.peer->get({}, *overlay::name::parse(name), overlay::read_options()));
  }
  core::result<overlay::outcome> put(simulated_peer& at, const std::string& name, const std::string& value) {
    overlay::record r;
    r.value = value;
    return finish(at.peer->update({}, *overlay::name::parse(name), r, 3600s, overlay::write_options()));
  }
  [[nodiscard]] std::size_t index_of(const identity::node_id& n) const {
    return static_cast<std::size_t>(std::ranges::find_if(peers, [&](const auto& p) { return p->id() == n; }) - peers.begin());
  }

  std::vector<std::unique_ptr<simulated_peer>> clients;
};

// The user that simulated_ring::add() gave to its node n.
std::string own_record(std::size_t n) { return "note:node" + std::to_string(n) + "@example.org"; }

}  // namespace

TEST_CASE("an ordinary node uses the overlay through three peers and is in nobody's leaf set or routing table") {
  client_ring ring(12, 1);
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  CHECK(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
  const auto status = c.peer->status();
  CHECK(status.client);
  CHECK(status.state == overlay::peer_state::ready);
  CHECK(status.leaf_set.left.empty());
  CHECK(status.routing_table.empty());

  const auto name = own_record(12);
  REQUIRE(ring.put(c, name, "mine").has_value());
  for (auto& p : ring.peers) {
    const auto got = ring.get(*p, name);
    REQUIRE(got.has_value());
    CHECK(got->values.front().content.value == "mine");
  }
  REQUIRE(ring.put(*ring.peers[3], own_record(3), "theirs").has_value());
  const auto got = ring.get(c, own_record(3));
  REQUIRE(got.has_value());
  CHECK(got->values.front().content.value == "theirs");
  const auto missing = ring.get(c, "note:nobody@example.org");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error() == errc::not_found);
  REQUIRE(ring.finish(c.peer->remove({}, *overlay::name::parse(name), overlay::write_options())).has_value());
  CHECK_FALSE(ring.get(*ring.peers[5], name).has_value());

  ring.world.run_for(120s);
  CHECK(ring.complete());
  for (const auto& p : ring.peers) {
    const auto table = p->peer->status().routing_table;
    CHECK(std::ranges::none_of(table, [&](const auto& e) { return e.node == c.id(); }));
  }
  CHECK(c.peer->status().storage.records == 0);
}

TEST_CASE("an ordinary node holds nothing, is at rest, and has the same numbers of storage as a peer, at zero") {
  client_ring ring(3, 10);
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  REQUIRE(ring.put(c, own_record(3), "mine").has_value());
  ring.world.run_for(120s);
  const auto storage = c.peer->status().storage;
  CHECK(storage.synced);
  CHECK(storage.records + storage.primary + storage.replicas + storage.under_replicated == 0);
  const auto numbers = c.metrics.text();
  for (const auto* name :
       {"phyllo_stored_values 0", "phyllo_reads_degraded_total 0", "phyllo_sync_disagreements_total 0", "phyllo_sync_reminders_total 0"}) {
    CAPTURE(name);
    CHECK(numbers.find(name) != std::string::npos);
  }
}

TEST_CASE("an ordinary node is reached from anywhere by a peer of its own and its Node-ID") {
  client_ring ring(12, 2);
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  REQUIRE(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
  for (const auto& via : c.peer->status().attachments) {
    for (const std::size_t from : {1U, 5U, 9U}) {
      const auto pinged = ring.finish(ring.peers[from]->peer->ping_by_route({via, c.id()}, 5s));
      REQUIRE(pinged.has_value());
      CHECK(pinged->responder == c.id());
    }
  }
}

TEST_CASE("an ordinary node goes on within seconds when the peers it is attached to die, also in silence") {
  for (const bool resets : {true, false}) {
    client_ring ring(16, 3);
    ring.network.resets = resets;
    REQUIRE(ring.put(*ring.peers[0], own_record(0), "kept").has_value());
    REQUIRE(ring.add_client());
    auto& c = *ring.clients.front();
    REQUIRE(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
    const auto old = c.peer->status().attachments;
    for (std::size_t i = 0; i < 2; ++i) ring.kill(ring.index_of(old[i]));
    const auto start = ring.world.now();
    CHECK(ring.get(c, own_record(0)).has_value());
    CHECK(ring.world.now() - start < 5s);
    const auto whole = [&] {
      const auto now = c.peer->status().attachments;
      const bool dead = std::ranges::any_of(now, [&](const auto& n) { return n == old[0] || n == old[1]; });
      return !dead && now.size() == 3;
    };
    CHECK(ring.eventually(whole, 15s));
    // All of them at once: it starts again from what it was given.
    for (const auto& n : c.peer->status().attachments) ring.kill(ring.index_of(n));
    REQUIRE(ring.settle(60s));
    CHECK(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 15s));
    const auto got = ring.get(c, own_record(0));
    CHECK_MESSAGE(got.has_value(), (got ? std::string() : got.error().message()));
  }
}

TEST_CASE("an ordinary node that was told of one place attaches to others, anywhere in the ring, and leaves that one") {
  client_ring ring(17, 6);
  for (int i = 0; i < 8; ++i) {
    ring.options.client = true;
    ring.add();
    ring.options.client = false;
    ring.clients.push_back(std::move(ring.peers.back()));
    ring.peers.pop_back();
    REQUIRE(ring.finish(ring.clients.back()->peer->join({simulated_network::candidate(0)}, ring.world.now() + 10s)).has_value());
  }
  ring.world.run_for(30s);
  std::map<identity::node_id, int> hanging;
  for (const auto& c : ring.clients) {
    const auto status = c->peer->status();
    CHECK(status.attachments.size() == 3);
    // All but those it has just tried to come nearer to; they are named again at the next heartbeat, within four seconds.
    CHECK(ring.eventually([&] { return c->peer->status().known_places.size() >= 16; }, 8s));
    for (const auto& n : status.attachments) ++hanging[n];
  }
  CHECK(hanging[ring.peers[0]->id()] <= 4);
  CHECK(hanging.size() >= 8);
}

TEST_CASE("an ordinary node whose three peers die at once is attached to others within seconds, though it was told of one place only") {
  for (const bool resets : {true, false}) {
    client_ring ring(9, 7);
    ring.network.resets = resets;
    ring.options.client = true;
    ring.add();
    ring.options.client = false;
    ring.clients.push_back(std::move(ring.peers.back()));
    ring.peers.pop_back();
    auto& c = *ring.clients.back();
    REQUIRE(ring.finish(c.peer->join({simulated_network::candidate(0)}, ring.world.now() + 10s)).has_value());
    ring.world.run_for(20s);
    const auto old = c.peer->status().attachments;
    REQUIRE(old.size() == 3);
    for (const auto& n : old) ring.kill(ring.index_of(n));
    if (ring.peers[0]->alive) ring.kill(0);
    const auto attached_to_others = [&] {
      const auto now = c.peer->status().attachments;
      return std::ranges::count_if(now, [&](const auto& n) { return std::ranges::find(old, n) == old.end(); });
    };
    CHECK(ring.eventually([&] { return attached_to_others() >= 1; }, resets ? 5s : 15s));
    CHECK(ring.eventually([&] { return attached_to_others() == 3; }, 30s));
  }
}

TEST_CASE("an ordinary node knows places in all parts of a ring of which each of its peers names a few neighbours") {
  overlay::peer_options o;
  o.leaf_set = 4;
  o.replicas = 1;  // storage asks for |L|/2 >= 2k
  client_ring ring(4, 9, o);
  for (const std::size_t n : {8U, 16U, 32U}) {
    while (ring.peers.size() < n) ring.add();
    REQUIRE(ring.join_all(120s));
    REQUIRE(ring.settle(120s));
  }
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  REQUIRE(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
  CHECK(ring.eventually([&] { return c.peer->status().known_places.size() >= 16; }, 8s));
  const auto places = c.peer->status().known_places;
  for (std::size_t quarter = 0; quarter < 4; ++quarter) {
    CAPTURE(quarter);
    std::ptrdiff_t known = 0;
    for (std::size_t i = 8 * quarter; i < 8 * (quarter + 1); ++i)
      known += std::ranges::count(places, simulated_network::candidate(ring.at_place(i)).at);
    CHECK(known >= 2);
  }
}

TEST_CASE("an ordinary node that has lost all it knows attaches to the place that it is given, which is of nobody it has met") {
  client_ring ring(4, 8);
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  REQUIRE(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
  for (std::size_t i = 0; i < 4; ++i) ring.kill(i);
  CHECK(ring.eventually([&] { return c.peer->status().attachments.empty(); }, 15s));
  auto& fresh = ring.add();
  const auto place = simulated_network::candidate(static_cast<unsigned>(ring.network.size()) - 1);
  fresh.peer->form();
  REQUIRE(ring.finish(fresh.peer->join({}, ring.world.now() + 10s)).has_value());
  ring.world.run_for(20s);
  CHECK(c.peer->status().attachments.empty());
  c.peer->seek({place});
  CHECK(ring.eventually([&] { return c.peer->status().attachments.size() == 1; }, 30s));
}

TEST_CASE("a peer takes only so many ordinary nodes, and counts those it turns away") {
  overlay::peer_options o;
  o.clients_max = 3;
  client_ring ring(1, 4, o);
  for (int i = 0; i < 3; ++i) CHECK(ring.add_client());
  CHECK_FALSE(ring.add_client(3s));
  CHECK(ring.peers[0]->metrics.drops().at("clients_full") > 0);
}

TEST_CASE("an ordinary node forwards nothing and holds nothing for others") {
  client_ring ring(3, 5);
  REQUIRE(ring.add_client());
  auto& c = *ring.clients.front();
  REQUIRE(ring.eventually([&] { return c.peer->status().attachments.size() == 3; }, 10s));
  const auto through = ring.finish(ring.peers[0]->peer->ping_by_route({c.id(), ring.peers[1]->id()}, 2s));
  CHECK_FALSE(through.has_value());
  CHECK(c.metrics.drops().at("not_a_peer") > 0);
}

}  // namespace client_test
