#include "pastry/peer_failures.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/node_ids.hpp"
#include "phyllo/core/metrics.hpp"

namespace peer_failures_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};
constexpr core::duration rto = 200ms;

// An active node at 100, and members of its leaf set at 10, 20, 30 and so on, four on each side.
struct scene {
  scene() {
    ring.active = true;
    for (std::uint8_t i = 1; i <= 4; ++i) {
      enter(id(static_cast<std::uint8_t>(100 - 10 * i)));
      enter(id(static_cast<std::uint8_t>(100 + 10 * i)));
    }
  }
  void enter(const node_id& n) {
    auto& r = ring.record(n);
    r.peer = r.active = r.admitted = r.link.open = true;
    ring.enter(n);
  }
  // The leaf set of a member, which has lost `without`.
  [[nodiscard]] static leaf_set_state told_by(std::uint8_t first, const node_id& without) {
    leaf_set_state s;
    for (std::uint8_t i = 1; i <= 4; ++i) {
      s.left.push_back(id(static_cast<std::uint8_t>(first - 10 * i)));
      s.right.push_back(id(static_cast<std::uint8_t>(first + 10 * i)));
    }
    std::erase(s.left, without);
    std::erase(s.right, without);
    return s;
  }

  core::metrics metrics;
  ring_view ring{id(100), 8, 4, 8};
  failed_nodes failed{{1, 2}, {3, 4}, {5, 6}};
  peer_failures failures{ring, failed, 8, {1, 2}, {3, 4}, metrics.evictions("test")};
};

bool has(const std::vector<node_id>& list, const node_id& n) { return std::ranges::find(list, n) != list.end(); }

}  // namespace

TEST_CASE("a suspect is marked until it shows that it lives") {
  scene s;
  CHECK(s.failures.suspect(id(110), start, rto, suspicion::closed));
  CHECK_FALSE(s.failures.suspect(id(110), start, rto, suspicion::closed));
  CHECK_FALSE(s.failures.suspect(s.ring.self(), start, rto, suspicion::closed));
  CHECK_FALSE(s.ring.usable(id(110)));
  CHECK(s.failures.alive(id(110), start));
  CHECK(s.ring.usable(id(110)));
  CHECK_FALSE(s.failures.alive(id(110), start));
}

TEST_CASE("a rumour counts of a member that was silent, and not again once it was found alive") {
  scene s;
  CHECK_FALSE(s.failures.hear(id(7), id(90), scene::told_by(90, id(7)), start));  // no member
  s.ring.record(id(110)).link.heard = start;
  CHECK_FALSE(s.failures.hear(id(110), id(90), scene::told_by(90, id(110)), start + 900ms));
  CHECK(s.failures.hear(id(110), id(90), scene::told_by(90, id(110)), start + 1s));
  CHECK(s.failures.suspect(id(110), start + 1s, rto, suspicion::told));
  CHECK(s.failures.alive(id(110), start + 1s));
  CHECK_FALSE(s.failures.hear(id(110), id(90), scene::told_by(90, id(110)), start + 20s));
  CHECK(s.failures.hear(id(110), id(90), scene::told_by(90, id(110)), start + 31s));
}

TEST_CASE("a member that answers through another is no failure until it has been silent for a while, or others have lost it") {
  scene s;
  CHECK(s.failures.suspect(id(110), start, rto, suspicion::closed));
  const auto ways = s.failures.ways_around(id(110), suspicion::closed);
  REQUIRE(ways.size() == 2);
  CHECK_FALSE(has(ways, id(110)));
  CHECK(s.failures.answered_around(id(110), ways[0], start));
  CHECK_FALSE(s.failures.answered_around(id(110), ways[1], start));
  CHECK(s.ring.record(id(110)).doubt.through == ways[1]);

  CHECK_FALSE(s.failures.gives_up(id(110), suspicion::closed, start + 7s));
  CHECK_FALSE(s.failures.gives_up(id(110), suspicion::closed, start + 9s));  // nobody was asked meanwhile
  (void)s.failures.ways_around(id(110), suspicion::closed);
  (void)s.failures.ways_around(id(110), suspicion::closed);
  CHECK(s.failures.gives_up(id(110), suspicion::closed, start + 9s));
  CHECK_FALSE(s.failures.gives_up(id(110), suspicion::closed, start + 7s));
  CHECK(s.failures.gives_up(id(110), suspicion::told, start + 7s));
}

TEST_CASE("nobody asks around after one that others have asked after, or that is no member") {
  scene s;
  CHECK(s.failures.ways_around(id(110), suspicion::told).empty());
  CHECK(s.failures.ways_around(id(7), suspicion::closed).empty());
}

TEST_CASE("who fails is out of all tables, named, lost and put off; those it concerns are told, and who has taken its place") {
  scene s;
  s.ring.learn_places(id(110), {{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 6084}}});
  s.ring.record(id(70)).link.open = false;  // can not be told
  auto f = s.failures.fail(id(110), suspicion::silent, start);
  CHECK(f.leaf);
  CHECK(f.entry);
  CHECK(f.refills);
  CHECK(f.tells);
  CHECK(f.told.size() == 5);
  CHECK_FALSE(has(f.told, id(110)));
  CHECK_FALSE(has(f.told, id(70)));
  CHECK_FALSE(has(f.told, id(60)));  // its leaf set ends before
  CHECK_FALSE(s.ring.leafs.contains(id(110)));
  CHECK_FALSE(s.ring.table.contains(id(110)));
  CHECK(s.failed.names(start) == std::vector{id(110)});
  CHECK(s.failed.lost().contains(id(110)));
  CHECK(s.failed.is_put_off(id(110), start + 4s));
  CHECK_FALSE(s.failed.is_put_off(id(110), start + 5s));

  s.enter(id(150));
  s.failures.tell_entrants(f);
  CHECK(f.told.back() == id(150));
  CHECK(f.told.size() == 6);
}

TEST_CASE("a joiner names nobody failed, and who hears of a failure that all were told of tells nobody") {
  scene s;
  s.ring.active = false;
  (void)s.failures.fail(id(110), suspicion::silent, start);
  CHECK(s.failed.names(start).empty());

  scene member;
  CHECK(member.failures.hear(id(130), id(120), scene::told_by(120, id(130)), start));
  auto f = member.failures.fail(id(130), suspicion::told, start);
  CHECK(f.leaf);
  CHECK_FALSE(f.tells);
  CHECK(f.heard.named_by == id(120));
  CHECK(f.told.empty());
}

TEST_CASE("one that was failed is taken back as a suspect when it says through a member that it is active") {
  scene s;
  (void)s.failures.fail(id(110), suspicion::silent, start);
  CHECK(s.failures.take_back(id(110), 42, start + 10s));
  const auto& r = s.ring.record(id(110));
  CHECK(s.ring.leafs.contains(id(110)));
  CHECK(r.doubt.suspect);
  CHECK(r.active);
  CHECK_FALSE(r.link.open);
  CHECK(r.incarnation == 42);
  CHECK_FALSE(s.failed.contains(id(110)));
  CHECK(s.failures.suspected(id(110)));
  CHECK_FALSE(s.failures.take_back(id(110), 43, start + 10s));  // it is there
}

TEST_CASE("many members that are lost at once are hardly all dead") {
  scene s;
  s.failures.begin(start);
  (void)s.failures.fail(id(110), suspicion::silent, start);
  CHECK_FALSE(s.failures.parted(start));
  (void)s.failures.fail(id(120), suspicion::silent, start + 1s);
  CHECK(s.failures.parted(start + 1s));
  CHECK(s.failures.rate(start + 10s) > 0);
}

}  // namespace peer_failures_test
