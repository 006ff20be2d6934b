#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "overlay/support/simulated_ring.hpp"

namespace ring_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

void grow(simulated_ring& ring, std::size_t n, core::duration limit = 60s) {
  while (ring.peers.size() < n) ring.add();
  REQUIRE(ring.join_all(limit));
  REQUIRE(ring.settle(limit));
  ring.world.run_for(1s);
}

// Every living node pings roots of random keys; the longest wait.
core::duration check_routes(simulated_ring& ring, unsigned keys_each, double* mean_hops = nullptr) {
  core::duration longest{};
  double hops = 0;
  unsigned asked = 0;
  for (std::size_t i = 0; i < ring.peers.size(); ++i) {
    if (!ring.peers[i]->alive) continue;
    for (unsigned k = 0; k < keys_each; ++k) {
      const auto key = ring.random_key();
      const auto start = ring.world.now();
      const auto a = ring.ping_root(i, key);
      longest = std::max(longest, ring.world.now() - start);
      REQUIRE_MESSAGE(a.has_value(), (a ? std::string() : a.error().message()));
      CHECK(a->from.hex() == ring.root(key).hex());
      CHECK(a->path.size() == a->hops + 1);
      hops += a->hops;
      ++asked;
    }
  }
  if (mean_hops != nullptr) *mean_hops = hops / asked;
  return longest;
}

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

// Twelve nodes, and the numbers of two neighbours among them that do not reach each other.
std::pair<unsigned, unsigned> parted_neighbours(simulated_ring& ring) {
  ring.network.resets = false;
  grow(ring, 12);
  const std::pair two(static_cast<unsigned>(ring.at_place(3)), static_cast<unsigned>(ring.at_place(4)));
  ring.network.cut = {two};
  return two;
}

overlay::peer_options small_leaf_sets() {
  overlay::peer_options o;
  o.leaf_set = 8;
  o.replicas = 2;  // storage asks for |L|/2 >= 2k
  return o;
}

// So many of the living have it in their leaf sets.
std::ptrdiff_t listing(const simulated_ring& ring, const identity::node_id& n) {
  return std::ranges::count_if(ring.peers, [&](const auto& p) {
    if (!p->alive) return false;
    const auto s = p->peer->status().leaf_set;
    return std::ranges::find(s.left, n) != s.left.end() || std::ranges::find(s.right, n) != s.right.end();
  });
}

core::awaitable<void> ping_once(overlay::peer_impl& from, identity::node_id to) {
  const auto ignored = co_await from.ping(to, 1s);
  static_cast<void>(ignored);
}

// How long one of twelve has been dead when all others have given it up; they send it something ten times a second, or nothing.
core::duration given_up_after(std::uint64_t seed, bool resets, bool traffic) {
  simulated_ring ring(seed);
  ring.network.resets = resets;
  grow(ring, 12);
  ring.world.run_for(20s);  // what was said while it grew is over
  const auto dead = ring.peers[5]->id();
  ring.kill(5);
  const auto start = ring.world.now();
  const auto known = [&](const auto& p) { return !p->alive || p->peer->has_failed(dead); };
  while (!std::ranges::all_of(ring.peers, known) && ring.world.now() - start < 60s) {
    for (const auto& p : ring.peers) {
      if (traffic && p->alive) ring.tasks.spawn(ping_once(*p->peer, dead));
    }
    ring.world.run_for(100ms);
  }
  const auto took = ring.world.now() - start;
  CHECK(ring.settle(1s));
  ring.world.run_for(2s);  // the last pings end
  return took;
}

}  // namespace

TEST_CASE("distance goes the shorter way round, and ties go to the smaller Node-ID") {
  CHECK(overlay::distance(at(0x0001), at(0xffff)) == at(0x0002));
  CHECK(overlay::clockwise(at(0xffff), at(0x0001)) == at(0x0002));
  CHECK(overlay::clockwise(at(0x0001), at(0xffff)) == at(0xfffe));
  CHECK(overlay::nearer(at(0x1000), at(0x3000), at(0x2000)));
  CHECK_FALSE(overlay::nearer(at(0x3000), at(0x1000), at(0x2000)));
  overlay::node_id ones;
  ones.octets.fill(0xff);
  CHECK(overlay::successor(ones) == overlay::node_id{});
  CHECK(overlay::successor(at(0x1000, 0xff)).octets[14] == 1);
}

TEST_CASE("digits are counted from the most significant, whatever their width") {
  CHECK(overlay::digit(at(0xabcd), 0, 4) == 0xa);
  CHECK(overlay::digit(at(0xabcd), 3, 4) == 0xd);
  CHECK(overlay::digit(at(0xabcd), 1, 8) == 0xcd);
  CHECK(overlay::digit(at(0xabcd), 1, 2) == 2);
  CHECK(overlay::common_digits(at(0xabcd), at(0xab0d), 4) == 2);
  CHECK(overlay::common_digits(at(0xabcd), at(0xabcd), 4) == 32);
  CHECK(overlay::common_digits(at(0xabcd), at(0xabcd, 1), 4) == 31);
  // 101 101 011 1..: across octets; the last is of two bits.
  CHECK(overlay::digit(at(0xb5c0), 0, 3) == 5);
  CHECK(overlay::digit(at(0xb5c0), 2, 3) == 3);
  CHECK(overlay::digit(at(0xb5c0), 3, 3) == 4);
  CHECK(overlay::digit(at(0, 0x03), 42, 3) == 6);
  CHECK(overlay::digit(at(0, 0x04), 41, 3) == 1);
  CHECK(overlay::digits_of(3) == 43);
}

TEST_CASE("sixty-four nodes with a leaf set of eight route every key to its root in more than one hop") {
  simulated_ring ring(11, small_leaf_sets());
  for (const std::size_t n : {8U, 16U, 32U, 48U, 64U}) grow(ring, n, 120s);
  double mean = 0;
  check_routes(ring, 4, &mean);
  MESSAGE("mean hops ", mean);
  CHECK(mean > 1.3);
  CHECK(mean < 4);
  CHECK(ring.peers[0]->metrics.text().find("phyllo_lookup_hops_count") != std::string::npos);
}

TEST_CASE("leaf sets are repaired after one node and then two at once are killed, and requests go on at once") {
  simulated_ring ring(21);
  grow(ring, 12);
  ring.kill(5);
  auto longest = check_routes(ring, 2);
  MESSAGE("longest wait after one kill ", seconds(longest), " s");
  CHECK(longest < 2s);
  CHECK(ring.settle(20s));
  ring.kill(0);
  ring.kill(7);
  longest = check_routes(ring, 2);
  MESSAGE("longest wait after two kills ", seconds(longest), " s");
  CHECK(longest < 2s);
  CHECK(ring.settle(20s));
}

TEST_CASE("a dead node is given up by all within two seconds where links break or something is sent to it, else by its heartbeat") {
  core::duration closed{}, silent{}, idle{};
  for (std::uint64_t seed = 31; seed < 35; ++seed) {
    closed = std::max(closed, given_up_after(seed, true, false));
    silent = std::max(silent, given_up_after(seed, false, true));
    idle = std::max(idle, given_up_after(seed, false, false));
  }
  MESSAGE("given up ", seconds(closed), " s after its links broke, ", seconds(silent), " s after it fell silent, ", seconds(idle),
          " s idle");
  CHECK(closed <= 2s);
  CHECK(silent <= 2s);
  CHECK(idle <= 36s);  // Tls + 3 s, and the probes
}

TEST_CASE("who takes the place of a dead node in the leaf set of one that tells of it hears of it, too") {
  core::duration longest{};
  for (std::uint64_t seed = 41; seed < 47; ++seed) {
    simulated_ring ring(seed, small_leaf_sets());
    ring.network.resets = false;
    grow(ring, 20);
    ring.world.run_for(20s);  // what was said while it grew is over
    const auto dead = ring.peers[7]->id();
    ring.kill(7);
    const auto all = listing(ring, dead);
    REQUIRE(ring.eventually([&] { return listing(ring, dead) < all; }, 60s));
    const auto first = ring.world.now();
    CHECK(ring.eventually([&] { return listing(ring, dead) == 0; }, 60s));
    longest = std::max(longest, ring.world.now() - first);
  }
  MESSAGE("all agree ", seconds(longest), " s after the first");
  CHECK(longest < 2s);
}

TEST_CASE("a node that has died comes into nobody's leaf set when others die, however long its link was idle") {
  for (std::uint64_t seed = 41; seed < 45; ++seed) {
    simulated_ring ring(seed, small_leaf_sets());
    ring.network.resets = false;
    grow(ring, 20);
    ring.world.run_for(20s);
    const auto dead = ring.peers[7]->id();
    ring.kill(7);
    REQUIRE(ring.eventually([&] { return listing(ring, dead) == 0; }, 60s));
    int again = 0;
    for (const std::size_t next : {3U, 12U, 16U, 5U}) {
      ring.kill(next);
      for (int i = 0; i < 160; ++i, ring.world.run_for(250ms)) again += listing(ring, dead) > 0 ? 1 : 0;
    }
    CHECK(again == 0);
    CHECK(ring.complete());
  }
}

TEST_CASE("two neighbours that fall silent without a reset are found by missing acknowledgements") {
  simulated_ring ring(22);
  ring.network.resets = false;
  grow(ring, 8);
  const auto order = ring.ids();
  for (std::size_t i = 0; i < ring.peers.size(); ++i) {
    if (ring.peers[i]->id() == order[3] || ring.peers[i]->id() == order[4]) ring.kill(i);
  }
  const auto longest = check_routes(ring, 4);
  MESSAGE("longest wait ", seconds(longest), " s");
  CHECK(longest < 3s);
  CHECK(ring.settle(60s));
}

TEST_CASE("neighbours that can not reach each other stay so in all eyes as long as others reach both, and are one link again after it") {
  simulated_ring ring(23);
  const auto [a, b] = parted_neighbours(ring);
  for (int i = 0; i < 40; ++i) {
    ring.world.run_for(2s);
    CHECK(ring.complete());
  }
  CHECK(check_routes(ring, 6) < 5s);
  ring.network.cut.clear();
  ring.world.run_for(15s);
  CHECK(ring.complete());
  const auto links = ring.peers[a]->peer->status().links;
  CHECK(std::ranges::any_of(links, [&](const auto& l) { return l.node == ring.peers[b]->id(); }));
}

TEST_CASE("neighbours that can not reach each other find each other again through others when one was away for a while") {
  simulated_ring ring(25);
  const auto [a, b] = parted_neighbours(ring);
  ring.world.run_for(10s);
  REQUIRE(ring.complete());
  for (unsigned i = 0; i < ring.peers.size(); ++i) {
    if (i != a && i != b) ring.network.cut.emplace(a, i);
  }
  ring.world.run_for(60s);  // a heartbeat is missed at least
  CHECK_FALSE(ring.complete());
  ring.network.cut = {{a, b}};
  CHECK(ring.settle(120s));
  CHECK(check_routes(ring, 4) < 5s);
}

TEST_CASE("a node that can not reach one of its leaf set has it there all the same, by what others name") {
  simulated_ring ring(26);
  ring.network.resets = false;
  grow(ring, 12);
  ring.add();
  const auto place = [&] {
    const auto order = ring.ids();
    return static_cast<std::size_t>(std::ranges::find(order, ring.peers.back()->id()) - order.begin());
  }();
  ring.network.cut = {{12U, ring.at_place((place + 3) % 13)}};
  REQUIRE(ring.join_all(60s));
  CHECK(ring.settle(90s));
  CHECK(check_routes(ring, 4) < 5s);
}

TEST_CASE("a neighbour that is reached through others only is given up when it dies") {
  simulated_ring ring(24);
  const auto b = parted_neighbours(ring).second;
  ring.world.run_for(30s);
  CHECK(ring.complete());
  ring.kill(b);
  CHECK(ring.settle(30s));
  CHECK(check_routes(ring, 2) < 5s);
}

TEST_CASE("a leaf set whose links fall idle still notices a dead neighbour by its heartbeat") {
  simulated_ring ring(23);
  ring.network.resets = false;
  grow(ring, 4);
  ring.kill(2);
  CHECK(ring.settle(60s));
}

TEST_CASE("a node that leaves is gone from every leaf set at once, and nothing is lost on the way to it") {
  simulated_ring ring(31);
  grow(ring, 8);
  ring.world.run(ring.peers[3]->peer->leave());
  ring.peers[3]->alive = false;
  CHECK(ring.peers[3]->peer->status().state == overlay::peer_state::left);
  CHECK(ring.settle(5s));
  CHECK(check_routes(ring, 2) < 1s);
}

TEST_CASE("nodes join while others are killed") {
  simulated_ring ring(41);
  grow(ring, 10);
  for (int i = 0; i < 4; ++i) ring.add();
  const auto joined = [&] { return ring.active() == ring.living(); };
  ring.world.at(ring.world.now() + 300ms, [&] {
    ring.network.kill(4);
    ring.network.kill(6);
    ring.peers[4]->alive = ring.peers[6]->alive = false;
  });
  ring.join_all(60s);
  CHECK(ring.eventually(joined, 60s));
  CHECK(ring.settle(60s));
  ring.world.run_for(1s);
  check_routes(ring, 2);
}

TEST_CASE("a node that was killed comes back under its own Node-ID") {
  simulated_ring ring(42);
  grow(ring, 6);
  const auto credential = *ring.peers[2]->credential;
  ring.kill(2);
  ring.add(credential);
  REQUIRE(ring.join_all(60s));
  CHECK(ring.settle(30s));
  check_routes(ring, 2);
}

TEST_CASE("a joiner finds its neighbour again that was killed and has come back meanwhile") {
  simulated_ring ring(43);
  grow(ring, 8);
  const auto& joiner = ring.add();
  const auto order = ring.ids();
  const auto place = static_cast<std::size_t>(std::ranges::find(order, joiner.id()) - order.begin());
  const auto neighbour = ring.at_place((place + 1) % order.size());
  const auto other = ring.at_place((place + order.size() - 1) % order.size());
  const auto self = ring.at_place(place);
  ring.network.cut = {{self, other}};  // so that it goes on joining
  CHECK_FALSE(ring.join_all(8s, 150s));
  const auto credential = *ring.peers[neighbour]->credential;
  ring.kill(neighbour);
  ring.world.run_for(5s);
  auto& back = ring.add(credential);
  REQUIRE(ring.finish(back.peer->join({simulated_network::candidate(other)}, ring.world.now() + 30s)).has_value());
  ring.network.cut.clear();
  CHECK(ring.eventually([&] { return joiner.peer->active(); }, 60s));
  CHECK(ring.settle(30s));
}

TEST_CASE("a ring forms and serves on links that lose a tenth of their messages") {
  simulated_ring ring(51);
  ring.network.loss = 0.1;
  grow(ring, 12, 120s);
  CHECK(check_routes(ring, 4) < 5s);
}

TEST_CASE("a node that one half of a partition has admitted is taken by the other half, too, after it heals") {
  for (const auto length : {40s, 900s}) {
    simulated_ring ring(62);
    grow(ring, 8);
    for (unsigned i = 4; i < 8; ++i) ring.network.side[i] = 1;
    ring.world.run_for(length);
    ring.add();
    REQUIRE(ring.eventually([&] { return ring.peers[8]->peer->active() || !ring.join_all(60s); }, 60s));
    ring.network.side.clear();
    CHECK(ring.settle(180s));
    check_routes(ring, 2);
  }
}

TEST_CASE("both halves of a partition serve, and the ring is one again after it heals") {
  simulated_ring ring(61);
  grow(ring, 8);
  for (unsigned i = 4; i < 8; ++i) ring.network.side[i] = 1;
  ring.world.run_for(40s);
  const auto key = ring.random_key();
  const auto here = ring.ping_root(0, key);
  const auto there = ring.ping_root(5, key);
  REQUIRE(here.has_value());
  REQUIRE(there.has_value());
  CHECK(here->from != there->from);
  ring.network.side.clear();
  CHECK(ring.settle(120s));
  ring.world.run_for(1s);
  check_routes(ring, 2);
}

TEST_CASE("a ring of twelve that was parted is one again ten seconds after the network is") {
  for (const auto length : {20s, 60s, 300s, 1800s}) {
    simulated_ring ring(63);
    grow(ring, 12);
    for (unsigned i = 0; i < 12; i += 2) ring.network.side[i] = 1;
    ring.world.run_for(length);
    ring.network.side.clear();
    const auto healed = ring.world.now();
    CHECK(ring.settle(60s));
    const auto took = std::chrono::duration<double>(ring.world.now() - healed).count();
    MESSAGE("parted for ", length.count(), " s: one ring after ", took, " s");
    CHECK(took <= 10);
  }
}

}  // namespace ring_test
