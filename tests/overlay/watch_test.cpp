// Watches: told of what changes under a name, wherever the watcher is and whoever dies.
#include <doctest.h>

#include "overlay/support/simulated_ring.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/watch_table.hpp"

namespace watch_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

using answer = core::result<overlay::outcome>;

std::string value_of(const overlay::outcome& o) { return o.values.empty() ? std::string() : o.values.front().content.value; }

// What a watcher has been told, and when.
struct told {
  std::vector<std::pair<core::time_point, std::string>> states;
  std::optional<core::error> ended;
};

core::awaitable<void> follow(core::environment& env, overlay::overlay& at, overlay::name n, core::duration each, told& to) {
  overlay::watch_options o;
  o.timeout = each;
  while (true) {  // ends with an error, or by cancellation
    auto got = co_await at.watch({}, n, o);
    if (!got && got.error() == errc::timed_out) continue;
    if (!got) {
      to.ended = got.error();
      co_return;
    }
    o.seen = got->state;
    to.states.emplace_back(env.now(), value_of(*got));
  }
}

class watched_ring : public simulated_ring {
 public:
  watched_ring(std::size_t n, std::uint64_t seed, overlay::peer_options o = {}) : simulated_ring(seed, o) {
    while (peers.size() < n) add();
    REQUIRE(join_all());
    REQUIRE(settle(60s));
    world.run_for(6s);
  }
  ~watched_ring() {
    watchers.cancel();
    world.run(watchers.join());
  }
  void watch(std::size_t at, const std::string& name, told& to, core::duration each = 1h) {
    watchers.spawn(follow(world.env(), *peers[at]->peer, *overlay::name::parse(name), each, to));
  }
  answer put(std::size_t at, const std::string& name, const std::string& value, std::chrono::seconds lifetime = 3600s) {
    overlay::record r;
    r.value = value;
    return finish(peers[at]->peer->update({}, *overlay::name::parse(name), r, lifetime, {}));
  }
  [[nodiscard]] std::size_t root_of(const std::string& name) const {
    const auto id = root(overlay::name::parse(name)->key());
    return static_cast<std::size_t>(std::ranges::find_if(peers, [&](const auto& p) { return p->id() == id; }) - peers.begin());
  }
  // A name of peer `owner` whose root is none of `not_these`.
  [[nodiscard]] std::string name_with_root_beside(std::size_t owner, std::vector<std::size_t> not_these) const {
    for (int i = 0;; ++i) {  // ends: names spread over the ring
      const auto name = "watched" + std::to_string(i) + ":node" + std::to_string(owner) + "@example.org";
      if (std::ranges::find(not_these, root_of(name)) == not_these.end()) return name;
    }
  }
  template <class Predicate>
  core::duration until(Predicate done, core::duration limit) {
    const auto start = world.now();
    CHECK(eventually(done, limit));
    return world.now() - start;
  }

  core::task_scope watchers{world.env()};
};

}  // namespace

TEST_CASE("a watcher anywhere is told of a write, a refresh and a removal within a round trip, and of an expiry in two seconds") {
  watched_ring ring(12, 1);
  const auto name = ring.name_with_root_beside(0, {0, 3});
  told far, at_root;
  ring.watch(3, name, far);
  ring.watch(ring.root_of(name), name, at_root);
  ring.until([&] { return far.states.size() == 1 && at_root.states.size() == 1; }, 1s);
  CHECK(far.states[0].second.empty());  // there is nothing yet: a state as well

  std::size_t n = 1;
  for (const auto* value : {"one", "two", "two"}) {  // the last is a refresh: another storage time
    REQUIRE(ring.put(0, name, value).has_value());
    ++n;
    CHECK(ring.until([&] { return far.states.size() == n && at_root.states.size() == n; }, 1s) < 100ms);
    CHECK(far.states.back().second == value);
    CHECK(at_root.states.back().second == value);
    ring.world.run_for(3s);
  }
  REQUIRE(ring.finish(ring.peers[0]->peer->remove({}, *overlay::name::parse(name), {})).has_value());
  CHECK(ring.until([&] { return far.states.size() == n + 1; }, 1s) < 100ms);
  CHECK(far.states.back().second.empty());

  ring.world.run_for(20s);
  REQUIRE(ring.put(0, name, "short", 30s).has_value());
  ring.until([&] { return far.states.size() == n + 2; }, 1s);
  const auto expires = ring.world.now() + 30s;
  ring.until([&] { return far.states.size() == n + 3; }, 40s);
  CHECK(far.states.back().second.empty());
  CHECK(ring.world.now() < expires + 2s);
  ring.world.run_for(60s);
  CHECK(far.states.size() == n + 3);  // and of nothing else
}

TEST_CASE("a watcher that looks away sees the newest state, once") {
  watched_ring ring(8, 2);
  const auto name = ring.name_with_root_beside(0, {3});
  const auto parsed = *overlay::name::parse(name);
  auto seen = ring.finish(ring.peers[3]->peer->watch({}, parsed, {}));
  REQUIRE(seen.has_value());
  for (int i = 0; i < 5; ++i) REQUIRE(ring.put(0, name, std::to_string(i)).has_value());
  overlay::watch_options o;
  o.timeout = 10s;
  o.seen = seen->state;
  seen = ring.finish(ring.peers[3]->peer->watch({}, parsed, o));
  REQUIRE(seen.has_value());
  CHECK(value_of(*seen) == "4");
  const auto got = ring.finish(ring.peers[3]->peer->get({}, parsed, overlay::read_options()));
  REQUIRE(got.has_value());
  CHECK(got->state == seen->state);  // so that a watch may go on from a get
  o.seen = seen->state;
  const auto start = ring.world.now();
  seen = ring.finish(ring.peers[3]->peer->watch({}, parsed, o));
  REQUIRE_FALSE(seen.has_value());
  CHECK(seen.error() == errc::timed_out);
  CHECK(ring.world.now() - start >= 10s);
  CHECK(ring.world.now() - start < 11s);
}

TEST_CASE("a watch survives its root's death, in silence or not, and is told of what changes then") {
  for (const bool resets : {true, false}) {
    watched_ring ring(16, 3);
    ring.network.resets = resets;
    const auto name = ring.name_with_root_beside(0, {0, 5});
    told states;
    ring.watch(5, name, states);
    REQUIRE(ring.put(0, name, "before").has_value());
    ring.until([&] { return !states.states.empty() && states.states.back().second == "before"; }, 2s);
    ring.kill(ring.root_of(name));
    const auto put = ring.put(0, name, "after");
    REQUIRE(put.has_value());
    const auto took = ring.until([&] { return states.states.back().second == "after"; }, 30s);
    CHECK(took < 10s);
    CHECK_FALSE(states.ended);
    REQUIRE(ring.put(0, name, "again").has_value());
    CHECK(ring.until([&] { return states.states.back().second == "again"; }, 30s) < 1s);
  }
}

TEST_CASE("an ordinary node watches through whichever peers it has") {
  watched_ring ring(12, 4);
  ring.options.client = true;
  auto& client = ring.add();
  ring.options.client = false;
  const auto index = ring.peers.size() - 1;
  std::optional<core::status> attached;
  const auto attach = [](overlay::peer& p, core::time_point deadline, std::optional<core::status>& out) -> core::awaitable<void> {
    std::vector<transport::candidate> through{simulated_network::candidate(0), simulated_network::candidate(1)};
    out = co_await p.join(std::move(through), deadline);
  };
  ring.world.run(attach(*client.peer, ring.world.now() + 10s, attached));
  REQUIRE(attached->has_value());
  REQUIRE(ring.eventually([&] { return client.peer->status().attachments.size() == 3; }, 10s));
  const auto name = ring.name_with_root_beside(0, {0});
  told states;
  ring.watch(index, name, states);
  REQUIRE(ring.put(0, name, "one").has_value());
  ring.until([&] { return !states.states.empty() && states.states.back().second == "one"; }, 2s);
  const auto root = ring.root_of(name);
  for (const auto& n : client.peer->status().attachments) {
    const auto at = std::ranges::find_if(ring.peers, [&](const auto& p) { return p->id() == n; }) - ring.peers.begin();
    if (static_cast<std::size_t>(at) != root && at != 0) ring.kill(static_cast<std::size_t>(at));
  }
  REQUIRE(ring.put(0, name, "two").has_value());
  CHECK(ring.until([&] { return states.states.back().second == "two"; }, 30s) < 10s);
  CHECK_FALSE(states.ended);
  client.alive = false;  // it is in no leaf set
}

TEST_CASE("a watch of a node that is not joined, or of another overlay, fails at once") {
  watched_ring ring(3, 5);
  const auto name = *overlay::name::parse("x:node0@example.org");
  const auto elsewhere = ring.finish(ring.peers[1]->peer->watch("other.example", name, {}));
  CHECK(elsewhere.error() == errc::unknown_overlay);
  told states;
  ring.watch(1, name.text(), states);
  ring.world.run_for(1s);
  ring.kill(1);
  CHECK(ring.eventually([&] { return states.ended.has_value(); }, 10s));
  CHECK(*states.ended == errc::not_joined);
}

TEST_CASE("a root holds only so many watches, of one watcher and in all, and forgets those that end") {
  simulated_world world(1);
  overlay::watch_table table({.watches_max = 3, .watches_per_node_max = 2});
  overlay::resource_id a, b;
  b.octets[0] = 1;
  const auto alarm = world.env().make_timer();
  {
    const overlay::watch_table::place first(table, a, a, *alarm), second(table, b, a, *alarm), third(table, a, a, *alarm);
    CHECK(first.held());
    CHECK(second.held());
    CHECK_FALSE(third.held());
    const overlay::watch_table::place fourth(table, a, b, *alarm), fifth(table, b, b, *alarm);
    CHECK(fourth.held());
    CHECK_FALSE(fifth.held());
  }
  CHECK(table.size() == 0);
  const overlay::watch_table::place again(table, a, a, *alarm);
  CHECK(again.held());
}

}  // namespace watch_test
