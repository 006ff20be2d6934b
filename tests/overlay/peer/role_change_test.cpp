// A node that changes its role while others hold it: what they store, fetch and watch goes on, and the ring is right after each step.
#include <doctest.h>

#include <algorithm>
#include <optional>

#include "overlay/support/simulated_ring.hpp"
#include "phyllo/overlay/errc.hpp"

namespace role_change_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

overlay::name name_of(const std::string& text) { return *overlay::name::parse(text); }

overlay::record record_of(const std::string& value) {
  overlay::record r;
  r.value = value;
  return r;
}

// What a user of the overlay meets, who knows nothing of roles.
struct experience {
  unsigned stored = 0, fetched = 0;
  std::vector<std::string> failures;
  std::vector<std::string> watched;  // values, as they were told
};

core::awaitable<void> store_and_fetch(core::environment& env, overlay::overlay& by, overlay::name n, experience& e) {
  const std::string only;
  const overlay::write_options write;
  const overlay::read_options read;
  for (unsigned i = 1;; ++i) {  // ends by cancellation
    const auto value = std::to_string(i);
    const auto put = co_await by.update(only, n, record_of(value), 3600s, write);
    if (put) ++e.stored;
    if (!put) e.failures.push_back("update: " + put.error().message());
    const auto got = co_await by.get(only, n, read);
    if (got && got->values.front().content.value == value) ++e.fetched;
    if (!got) e.failures.push_back("get: " + got.error().message());
    co_await core::sleep_for(env, 100ms);
  }
}

core::awaitable<void> watch(overlay::overlay& by, overlay::name n, experience& e) {
  const std::string only;
  overlay::watch_options o;
  o.timeout = 1h;
  while (true) {  // ends with an error, or by cancellation
    const auto got = co_await by.watch(only, n, o);
    if (!got) {
      e.failures.push_back("watch: " + got.error().message());
      co_return;
    }
    o.seen = got->state;
    e.watched.push_back(got->values.empty() ? std::string() : got->values.front().content.value);
  }
}

template <class T>
core::awaitable<void> keep(core::awaitable<T> task, std::optional<T>& out) {
  out = co_await std::move(task);
}

core::awaitable<core::result<overlay::application_offer>> answer() {
  overlay::application_offer mine;
  mine.ufrag = "here";
  mine.candidates.emplace_back().at = simulated_network::candidate(4).at;
  co_return mine;
}

struct listener final : overlay::overlay_observer {
  unsigned changes = 0;
  std::vector<std::uint16_t> documents;
  void on_members_changed() override { ++changes; }
  void on_document(const identity::parsed_configuration& document) override { documents.push_back(document.content.sequence); }
};

class role_ring : public simulated_ring {
 public:
  explicit role_ring(std::size_t n, std::uint64_t seed, overlay::peer_options o = {}) : simulated_ring(seed, o) {
    while (peers.size() < n) add();
    REQUIRE(join_all());
    REQUIRE(settle(60s));
    world.run_for(6s);
  }
  ~role_ring() {
    users.cancel();
    world.run(users.join());
  }

  core::status begin_role(std::size_t i, bool client) {
    overlay::role_options to;
    to.client = client;
    const auto changed = finish(peers[i]->peer->change_role(to));
    if (changed) peers[i]->alive = !client;  // of the ring, as its oracle counts
    return changed;
  }
  core::status join(std::size_t i, core::duration limit = 30s) {
    std::vector<transport::candidate> through;
    for (unsigned k = 0; k < 3; ++k) through.push_back(simulated_network::candidate(static_cast<unsigned>((i + k + 1) % peers.size())));
    return finish(peers[i]->peer->join(through, world.now() + limit));
  }
  core::status take_role(std::size_t i, bool client) {
    if (auto begun = begin_role(i, client); !begun) return begun;
    return join(i);
  }
  core::result<overlay::outcome> put(std::size_t at, const std::string& name, const std::string& value) {
    return finish(peers[at]->peer->update({}, name_of(name), record_of(value), 3600s, {}));
  }
  core::result<overlay::outcome> get(std::size_t at, const std::string& name, core::duration timeout = 5s) {
    return finish(peers[at]->peer->get({}, name_of(name), {.timeout = timeout}));
  }
  [[nodiscard]] std::uint32_t incarnation_seen(std::size_t by, const identity::node_id& of) const {
    for (const auto& m : peers[by]->peer->stack().layers().ring().members()) {
      if (m.node == of) return m.incarnation;
    }
    return 0;
  }

  core::task_scope users{world.env()};
};

// The user that simulated_ring::add() gave to its node n.
std::string own(std::size_t n, const std::string& type = "note") { return type + ":node" + std::to_string(n) + "@example.org"; }

}  // namespace

TEST_CASE("a node becomes ordinary and a supernode again while those who hold it store, fetch and watch") {
  for (const std::size_t changing : {5U, 0U}) {  // 0 has started the overlay
    experience e;
    role_ring ring(12, 11 + changing);
    auto& node = *ring.peers[changing]->peer;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 40; ++i) {
      names.push_back(own(i % 12, "kept" + std::to_string(i)));
      REQUIRE(ring.put(i % 12, names.back(), names.back()).has_value());
    }
    const auto all_there = [&](std::size_t at) {
      return std::ranges::all_of(names, [&](const auto& n) {
        const auto got = ring.get(at, n);
        return got && got->values.front().content.value == n;
      });
    };
    const auto told = [&](const std::string& value) {
      REQUIRE(ring.put(2, own(2), value).has_value());
      return ring.eventually([&] { return !e.watched.empty() && e.watched.back() == value; }, 10s);
    };
    ring.users.spawn(store_and_fetch(ring.world.env(), node, name_of(own(changing)), e));
    ring.users.spawn(watch(node, name_of(own(2)), e));
    ring.world.run_for(3s);
    CHECK(told("as a supernode"));
    CHECK(node.status().storage.records > 0);

    REQUIRE(ring.take_role(changing, true).has_value());
    CHECK(node.client());
    CHECK(node.status().client);
    CHECK(node.status().state == overlay::peer_state::ready);
    CHECK(node.status().leaf_set.left.empty());
    CHECK(node.status().storage.records == 0);
    CHECK(ring.peers[changing]->metrics.text().find("phyllo_stored_values 0") != std::string::npos);
    CHECK(ring.settle(60s));
    CHECK(all_there(3));
    auto before = e.stored;
    CHECK(told("as an ordinary node"));
    ring.world.run_for(3s);
    CHECK(e.stored > before + 5);
    const auto whole = [&] {
      return std::ranges::all_of(ring.peers, [](const auto& p) { return !p->alive || p->peer->status().storage.under_replicated == 0; });
    };
    CHECK(ring.eventually(whole, 60s));

    REQUIRE(ring.take_role(changing, false).has_value());
    CHECK_FALSE(node.client());
    CHECK(node.active());
    CHECK(ring.settle(60s));
    CHECK(ring.eventually([&] { return node.status().storage.records > 0 && node.status().storage.synced; }, 60s));
    CHECK(ring.eventually(whole, 60s));
    CHECK(all_there(3));
    CHECK(all_there(changing));
    before = e.stored;
    CHECK(told("as a supernode again"));
    ring.world.run_for(3s);
    CHECK(e.stored > before + 5);
    CHECK(e.fetched + 1 >= e.stored);  // the last may not have been fetched yet
    for (const auto& f : e.failures) FAIL_CHECK(f);
  }
}

TEST_CASE("what is asked of a node between two roles waits as long as it may, and is then not_joined") {
  role_ring ring(6, 21);
  REQUIRE(ring.put(1, own(1), "mine").has_value());
  REQUIRE(ring.begin_role(1, true).has_value());
  const auto started = ring.world.now();
  const auto in_vain = ring.get(1, own(1), 2s);
  REQUIRE_FALSE(in_vain.has_value());
  CHECK(in_vain.error() == errc::not_joined);
  CHECK(ring.world.now() - started >= 2s);
  CHECK(ring.world.now() - started < 3s);
  const auto pinged = ring.finish(ring.peers[1]->peer->ping(ring.peers[2]->id(), 1s));
  REQUIRE_FALSE(pinged.has_value());
  CHECK(pinged.error() == errc::not_joined);

  auto& usages = ring.peers[1]->peer->uses();
  std::optional<core::result<overlay::outcome>> got, put;
  std::optional<core::result<std::vector<identity::certificate>>> certificates;
  auto& node = *ring.peers[1]->peer;
  ring.users.spawn(keep(node.get({}, name_of(own(1)), {}), got));
  ring.users.spawn(keep(node.update({}, name_of(own(1)), record_of("new"), 3600s, {}), put));
  ring.users.spawn(keep(usages.certificates_of_node(ring.peers[2]->id(), 5s), certificates));
  ring.world.run_for(1s);
  CHECK_FALSE(got.has_value());
  CHECK_FALSE(put.has_value());
  CHECK_FALSE(certificates.has_value());
  REQUIRE(ring.join(1).has_value());
  REQUIRE(ring.eventually([&] { return got.has_value() && put.has_value() && certificates.has_value(); }, 2s));
  CHECK(got->has_value());
  CHECK(put->has_value());
  CHECK(certificates->has_value());
}

TEST_CASE("a write that is under way ends before its role does, and a stop ends what waits") {
  role_ring ring(8, 22);
  auto& node = *ring.peers[3]->peer;
  std::optional<core::result<overlay::outcome>> put, waiting;
  std::optional<core::status> changed;
  ring.users.spawn(keep(node.add({}, name_of(own(3)), record_of("once"), 3600s, {}), put));
  overlay::role_options to;
  to.client = true;
  ring.users.spawn(keep(node.change_role(to), changed));
  REQUIRE(ring.eventually([&] { return changed.has_value(); }, 20s));
  CHECK(changed->has_value());
  REQUIRE(put.has_value());
  CHECK(put->has_value());
  ring.peers[3]->alive = false;
  CHECK(ring.get(1, own(3)).has_value());

  ring.users.spawn(keep(node.get({}, name_of(own(3)), {}), waiting));
  ring.world.run_for(100ms);
  CHECK_FALSE(waiting.has_value());
  ring.world.run(node.stop());
  ring.world.run_for(100ms);
  REQUIRE(waiting.has_value());
  REQUIRE_FALSE(waiting->has_value());
  CHECK(waiting->error() == errc::not_joined);
  CHECK(ring.begin_role(3, false).error() == errc::refused);
}

TEST_CASE("a role is refused that a node has, or may not have, and nothing changes") {
  role_ring ring(4, 23);
  CHECK(ring.begin_role(1, false).error() == errc::refused);
  CHECK(ring.peers[1]->peer->active());
  REQUIRE(ring.begin_role(1, true).has_value());
  CHECK(ring.begin_role(1, false).error() == errc::refused);  // it has not taken that one yet
  REQUIRE(ring.join(1).has_value());

  ring.options.client = true;
  auto& guest = ring.add();  // whose certificate does not give the right to be a peer
  ring.options.client = false;
  const auto index = ring.peers.size() - 1;
  guest.alive = false;
  REQUIRE(ring.finish(guest.peer->join({simulated_network::candidate(0)}, ring.world.now() + 10s)).has_value());
  CHECK(ring.begin_role(index, false).error() == errc::refused);
  CHECK(guest.peer->client());
  CHECK(ring.get(index, "note:nobody@example.org").error() == errc::not_found);
}

TEST_CASE("what a node serves, hears and is known by goes on from one role to the next") {
  listener heard;
  role_ring ring(8, 24);
  auto& changing = *ring.peers[4];
  auto& node = *changing.peer;
  node.observe(heard);
  node.serve_application(5060, [](identity::node_id, overlay::application_offer) { return answer(); });
  const auto adopt = [&](std::uint16_t sequence) {
    REQUIRE(ring.finish(ring.peers[0]->peer->adopt(ring.overlay.document(sequence))).has_value());
    CHECK(ring.eventually([&] { return !heard.documents.empty() && heard.documents.back() == sequence; }, 30s));
  };
  const auto incarnation = ring.incarnation_seen(0, changing.id());
  adopt(2);
  REQUIRE(ring.take_role(4, true).has_value());
  adopt(3);
  REQUIRE(ring.take_role(4, false).has_value());
  REQUIRE(ring.settle(60s));
  CHECK(heard.changes > 0);
  adopt(4);
  CHECK(ring.incarnation_seen(0, changing.id()) > incarnation);
  overlay::application_offer theirs;
  theirs.ufrag = "there";
  theirs.candidates.emplace_back().at = simulated_network::candidate(1).at;
  const auto offered = ring.finish(ring.peers[1]->peer->app_attach({changing.id()}, 5060, theirs, 5s));
  REQUIRE_MESSAGE(offered.has_value(), (offered ? std::string() : offered.error().message()));
  CHECK(offered->ufrag == "here");
}

TEST_CASE("an overlay of CHORD-RELOAD has no ordinary nodes to become") {
  overlay::peer_options o;
  o.storage = false;
  simulated_ring ring(25, o);
  ring.overlay.topology = identity::chord_topology;
  while (ring.peers.size() < 3) ring.add();
  REQUIRE(ring.join_all());
  overlay::role_options to;
  to.client = true;
  CHECK(ring.finish(ring.peers[1]->peer->change_role(to)).error() == errc::refused);
  CHECK(ring.peers[1]->peer->active());
}

}  // namespace role_change_test
