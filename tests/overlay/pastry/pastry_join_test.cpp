#include "pastry/pastry_join.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "phyllo/overlay/errc.hpp"

namespace pastry_join_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using task = pastry_join::task;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};
constexpr pastry_join::moment now{start};

leaf_set_state state(std::uint8_t flags, std::vector<node_id> left = {}, std::vector<node_id> right = {}) {
  leaf_set_state s;
  s.flags = flags;
  s.left = std::move(left);
  s.right = std::move(right);
  return s;
}

route_query_answer rows(const node_id& next, std::uint8_t flags = leaf_set_state::flag_active) {
  route_query_answer a;
  a.type = query_type::rows;
  a.next_peer = next;
  a.state = state(flags);
  return a;
}

places somewhere() { return {{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 6084}}}; }

// Of node 80, which finds 70 and 90 beside it.
struct scene {
  scene() {
    ring.leafs.insert(id(0x70));
    ring.leafs.insert(id(0x90));
  }
  pastry_join::action ask_first(const node_id& first) {
    REQUIRE(join.begin().what == task::discover);
    return join.discovered(first, start);
  }
  // That the root has admitted it, and all have answered.
  pastry_join::action settled() {
    (void)ask_first(id(0x90));
    (void)join.attached(id(0x90));
    REQUIRE(join.admitted(start + 1h, now).what == task::await_answers);
    const auto a = join.answered(true, now);
    REQUIRE(a.what == task::give_back);
    return a;
  }
  pastry_join::action grant_of(const node_id& n, const leaf_set_state& s, const pastry_join::moment& at = now) {
    join.probed(n, s);
    return join.answered(true, at);
  }

  const node_id self = id(0x80);
  const std::uint8_t active = leaf_set_state::flag_active;
  const std::uint8_t busy = leaf_set_state::flag_active | leaf_set_state::flag_busy;
  ring_view ring{self, 8, 4, 8};
  pastry_join join{ring};
};

}  // namespace

TEST_CASE("a joiner asks its way to its root, is admitted there, and by its neighbours in the order of their Node-IDs") {
  scene s;
  auto a = s.ask_first(id(0x10));
  CHECK(a.what == task::ask_rows);
  CHECK(a.node == id(0x10));
  auto told = rows(id(0x90));
  a = s.join.told_rows(&told, now);
  CHECK(a.what == task::ask_rows);
  CHECK(a.node == id(0x90));
  CHECK(s.join.first() == id(0x10));
  a = s.join.told_rows(&told, now);
  CHECK(a.what == task::attach);
  CHECK(a.node == id(0x90));
  CHECK(s.join.attached(id(0x90)).what == task::ask_admission);
  CHECK(s.join.admitted(start + 1h, now).what == task::await_answers);
  CHECK(s.join.until() == start + pastry_join::settle_max);
  a = s.join.answered(true, now);
  CHECK(a.what == task::give_back);
  CHECK(a.nodes.empty());

  a = s.join.gave_back(now);
  CHECK(a.what == task::ask_grant);
  CHECK(a.node == id(0x70));
  a = s.grant_of(id(0x70), state(s.active, {}, {s.self}));
  CHECK(a.what == task::ask_grant);
  CHECK(a.node == id(0x90));
  a = s.grant_of(id(0x90), state(s.active, {s.self}));
  CHECK(a.what == task::await_answers);
  CHECK(s.join.asked_grant_of(id(0x70)));
  CHECK(s.join.asked_grant_of(id(0x90)));
  CHECK(s.join.answered(true, now).what == task::activate);
}

TEST_CASE("who does not answer through the first node is asked by a link, where the one before has said that it is") {
  scene s;
  (void)s.ask_first(id(0x10));
  auto told = rows(id(0x90));
  told.state.left = {id(0x90)};
  told.state.named.add(somewhere());
  (void)s.join.told_rows(&told, now);
  const core::error silent(errc::timed_out, "silent");
  auto a = s.join.rows_missed(silent, true);
  CHECK(a.what == task::link_for_rows);
  CHECK(a.node == id(0x90));
  CHECK(a.where == somewhere());
  CHECK(s.join.asked_at() == start);
  a = s.join.linked_for_rows(true, true);
  CHECK(a.what == task::ask_by_link);
  CHECK(a.node == id(0x90));
  a = s.join.rows_missed(core::error(errc::unreachable), true);
  CHECK(a.what == task::give_up);
  CHECK(*a.why == errc::unreachable);

  (void)s.ask_first(id(0x10));
  CHECK(*s.join.rows_missed(silent, true).why == errc::timed_out);  // the first itself
  (void)s.join.told_rows(&told, now);
  (void)s.join.rows_missed(silent, true);
  CHECK(*s.join.linked_for_rows(false, true).why == errc::timed_out);
}

TEST_CASE("an attempt ends where there are no rows, nobody is active, or the way does not end") {
  scene s;
  (void)s.ask_first(id(0x10));
  CHECK(*s.join.told_rows(nullptr, now).why == errc::refused);
  auto inactive = rows(id(0x10), 0);
  const auto nobody = s.join.told_rows(&inactive, now);
  CHECK(nobody.what == task::give_up);
  CHECK_FALSE(nobody.why.has_value());

  auto a = s.ask_first(id(0x10));
  for (unsigned hop = 1; hop < pastry_join::hops_max; ++hop) {
    auto told = rows(id(0x11, static_cast<std::uint8_t>(hop)));
    a = s.join.told_rows(&told, now);
    CHECK(a.what == task::ask_rows);
  }
  auto told = rows(id(0x12));
  CHECK(*s.join.told_rows(&told, now).why == errc::unreachable);
}

TEST_CASE("a root that is busy is asked five times") {
  scene s;
  (void)s.join.attached(id(0x90));
  for (unsigned i = 1; i < pastry_join::refusals_max; ++i) {
    CHECK(s.join.refused().what == task::pause);
    CHECK(s.join.paused(now).what == task::ask_admission);
  }
  CHECK(s.join.refused().what == task::pause);
  CHECK(s.join.paused(now).what == task::give_up);
}

TEST_CASE("a neighbour that is busy is asked again, until the time is over") {
  scene s;
  (void)s.settled();
  (void)s.join.gave_back(now);
  CHECK(s.grant_of(id(0x70), state(s.busy)).what == task::pause);
  const auto again = s.join.paused(now);
  CHECK(again.what == task::ask_grant);
  CHECK(again.node == id(0x70));
  CHECK(s.grant_of(id(0x70), state(s.busy)).what == task::pause);
  const pastry_join::moment late{s.join.until()};
  CHECK(s.join.paused(late).what == task::await_answers);
  const auto over = s.join.answered(true, late);
  CHECK(over.what == task::give_up);
  CHECK(*over.why == errc::timed_out);
}

TEST_CASE("who learns late of a neighbour of smaller Node-ID gives back first what larger ones have granted") {
  scene s;
  (void)s.settled();
  (void)s.join.gave_back(now);
  s.ring.leafs.insert(id(0x60));
  s.ring.leafs.erase(id(0x70));
  CHECK(s.grant_of(id(0x70), state(s.active)).what == task::await_answers);  // it knows somebody between
  CHECK(s.join.answered(true, now).what == task::await_answers);
  const auto a = s.join.answered(true, now);
  CHECK(a.what == task::give_back);
  CHECK(a.nodes == std::vector{id(0x70)});
  CHECK_FALSE(s.join.asked_grant_of(id(0x70)));
  CHECK(s.join.gave_back(now).node == id(0x60));
}

TEST_CASE("whose neighbours are others by now looks again, and a single one is asked once") {
  scene s;
  (void)s.settled();
  (void)s.join.gave_back(now);
  s.ring.leafs.erase(id(0x90));
  const auto a = s.grant_of(id(0x70), state(s.active, {s.self}, {s.self}));
  CHECK(a.node == id(0x90));
  CHECK(s.grant_of(id(0x90), state(s.active, {s.self})).what == task::await_answers);
  CHECK(s.join.answered(true, now).what == task::await_answers);  // it looks again
  CHECK(s.join.answered(true, now).what == task::give_back);
  CHECK(s.join.gave_back(now).node == id(0x70));
  CHECK(s.grant_of(id(0x70), state(s.active, {s.self}, {s.self})).what == task::await_answers);
  CHECK(s.join.answered(true, now).what == task::activate);
}

TEST_CASE("a joiner whose neighbours have all gone, or that has formed the ring itself, gives up") {
  scene s;
  (void)s.ask_first(id(0x90));
  CHECK(s.join.admitted(start + 1h, {start, false}).what == task::give_up);
  auto told = rows(id(0x90));
  CHECK(*s.join.told_rows(&told, {start, false}).why == errc::refused);
  (void)s.join.admitted(start + 1h, now);
  s.ring.leafs.erase(id(0x70));
  s.ring.leafs.erase(id(0x90));
  CHECK(*s.join.answered(true, now).why == errc::refused);
}

TEST_CASE("each that is asked has answered when it has done so once, until it is asked for its grant") {
  scene s;
  std::map<node_id, unsigned> open{{id(0x70), 1}};
  CHECK(s.join.all_answered({}));
  CHECK_FALSE(s.join.all_answered(open));
  s.join.probed(id(0x70), state(s.active));
  CHECK(s.join.all_answered(open));
  s.join.forget(id(0x70));
  CHECK_FALSE(s.join.all_answered(open));
}

}  // namespace pastry_join_test
