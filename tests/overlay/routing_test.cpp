#include <doctest.h>

#include "pastry/failure_detector.hpp"
#include "pastry/joiner_grant.hpp"
#include "pastry/ring_density.hpp"
#include "pastry/ring_estimates.hpp"
#include "pastry/ring_view.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/answer_cache.hpp"
#include "reload/request_table.hpp"
#include "reload/ring.hpp"
#include "reload/token_bucket.hpp"

namespace routing_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

// The id whose first two octets are `high`, the rest zero but the last.
node_id at(std::uint16_t high, std::uint8_t last = 0) {
  node_id n;
  n.octets[0] = static_cast<std::uint8_t>(high >> 8);
  n.octets[1] = static_cast<std::uint8_t>(high & 0xff);
  n.octets[15] = last;
  return n;
}

const core::time_point start{1h};

void meet(ring_view& v, const node_id& n, core::duration rtt = 1ms) {
  auto& r = v.record(n);
  r.peer = r.link.open = r.active = r.admitted = true;
  r.link.rtt = rtt;
  v.enter(n);
}

decision decide(const ring_view& v, const node_id& key) { return v.decide(destination::to_resource(key), false); }

pending_request to_be_sent(core::time_point deadline) {
  pending_request r;
  r.transaction = 7;
  r.destinations = {destination::to_node(at(1))};
  r.deadline = deadline;
  r.next_send = start;
  r.sends_max = 5;
  return r;
}

}  // namespace

TEST_CASE("distance goes the shorter way round, and ties go to the smaller Node-ID") {
  CHECK(distance(at(0x0001), at(0xffff)) == at(0x0002));
  CHECK(clockwise(at(0xffff), at(0x0001)) == at(0x0002));
  CHECK(clockwise(at(0x0001), at(0xffff)) == at(0xfffe));
  CHECK(nearer(at(0x1000), at(0x3000), at(0x2000)));
  CHECK_FALSE(nearer(at(0x3000), at(0x1000), at(0x2000)));
  node_id ones;
  ones.octets.fill(0xff);
  CHECK(successor(ones) == node_id{});
  CHECK(successor(at(0x1000, 0xff)).octets[14] == 1);
}

TEST_CASE("digits are counted from the most significant, whatever their width") {
  CHECK(digit(at(0xabcd), 0, 4) == 0xa);
  CHECK(digit(at(0xabcd), 3, 4) == 0xd);
  CHECK(digit(at(0xabcd), 1, 8) == 0xcd);
  CHECK(digit(at(0xabcd), 1, 2) == 2);
  CHECK(common_digits(at(0xabcd), at(0xab0d), 4) == 2);
  CHECK(common_digits(at(0xabcd), at(0xabcd), 4) == 32);
  CHECK(common_digits(at(0xabcd), at(0xabcd, 1), 4) == 31);
  // 101 101 011 1..: across octets; the last is of two bits.
  CHECK(digit(at(0xb5c0), 0, 3) == 5);
  CHECK(digit(at(0xb5c0), 2, 3) == 3);
  CHECK(digit(at(0xb5c0), 3, 3) == 4);
  CHECK(digit(at(0, 0x03), 42, 3) == 6);
  CHECK(digit(at(0, 0x04), 41, 3) == 1);
  CHECK(digits_of(3) == 43);
}

TEST_CASE("a row tells how far its nodes are, and its nearest are asked first; a candidate must be nearer by a tenth") {
  routing_table t(at(0x8000), 4);
  CHECK(t.insert(at(0x1000), 30ms));
  CHECK(t.insert(at(0x2000), 10ms));
  CHECK(t.insert(at(0x3000), 20ms));
  CHECK(t.rows(0, 0) == std::vector<table_row>{{0, {at(0x1000), at(0x2000), at(0x3000)}, {30'000, 10'000, 20'000}, {}}});
  CHECK(t.nearest_of(0, 2) == std::vector{at(0x2000), at(0x3000)});
  CHECK(t.rows_used() == 1);
  CHECK_FALSE(t.would_take(at(0x1100), 27ms));
  CHECK(t.would_take(at(0x1100), 26ms));
  CHECK_FALSE(t.would_take(at(0x1100), 0ms));
  CHECK(t.would_take(at(0x4000), 0ms));
}

TEST_CASE("with a choice of replicas a message goes to the nearest node that should be one, and from a replica straight to the root") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  for (const auto n : {0x7000, 0x7800, 0x8800}) meet(v, at(static_cast<std::uint16_t>(n)), 2ms);
  meet(v, at(0x9000), 1ms);
  meet(v, at(0x1000), 3ms);
  meet(v, at(0x2300), 4ms);
  CHECK(decide(v, at(0x1ffe)).next == at(0x1000));
  CHECK(decide(v, at(0x8c00)).next == at(0x8800));
  v.replica_choice = 2;  // of which each should lie within 0x800
  CHECK(decide(v, at(0x1ffe)).next == at(0x2300));
  CHECK(decide(v, at(0x8c00)).next == at(0x9000));
  CHECK(decide(v, at(0x8600)).next == at(0x8800));  // it is the second nearest itself
}

TEST_CASE("a replica that is farther than most nodes gives way to a node on the way that is near, and knows more of them") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.replica_choice = 2;
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) meet(v, at(static_cast<std::uint16_t>(n)), 10ms);
  meet(v, at(0x2300), 7ms);  // of the leaf set's 10 ms more than six tenths
  meet(v, at(0x1000), 5ms);  // too far from the key to be a replica
  CHECK(decide(v, at(0x1ffe)).next == at(0x1000));
  v.record(at(0x2300)).link.rtt = 5500us;
  CHECK(decide(v, at(0x1ffe)).next == at(0x2300));
}

TEST_CASE("a row is known to have changed once, when another node has come into it") {
  routing_table t(at(0x8000), 4);
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1000), 20ms);
  CHECK(t.take_changed(0));
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1000), 15ms);
  t.insert(at(0x1800), 14ms);  // hardly nearer
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1900), 5ms);
  CHECK(t.take_changed(0));
  CHECK_FALSE(t.take_changed(1));
}

TEST_CASE("places of the leaf set are those that its nodes have now") {
  ring_view v(at(0x8000), 4, 4, 4);
  const auto place = [](std::uint16_t port) { return places{{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), port}}}; };
  v.learn_places(at(0x9000), place(1));
  for (const auto n : {0x8800, 0x9000}) v.hear_at(at(static_cast<std::uint16_t>(n)), asio::ip::make_address("192.0.2.1"));
  for (const auto n : {0x7000, 0x9000}) v.leafs.insert(at(static_cast<std::uint16_t>(n)));  // both on either side
  const auto of_right = [&] { return v.leaf_places().of(v.leafs.left().size()); };
  CHECK(of_right() == place(1));
  v.learn_places(at(0x9000), place(2));
  CHECK(of_right() == place(2));
  v.learn_places(at(0x8800), place(3));
  v.leafs.insert(at(0x8800));
  CHECK(of_right() == place(3));
  CHECK(v.find(at(0x8800))->candidates.all() == place(3));
  v.learn_places(at(0x8800), {});
  CHECK(v.find(at(0x8800))->candidates.empty());
  CHECK(of_right().empty());
}

TEST_CASE("what a node says of where it lives is told on only as far as it was heard from there") {
  ring_view v(at(0x8000), 4, 4, 4);
  const transport::candidate own{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 6084}};
  const transport::candidate victim{transport::link_kind::tls, {asio::ip::make_address("198.51.100.7"), 443}};
  v.learn_places(at(0x9000), {victim, own});
  v.leafs.insert(at(0x9000));
  CHECK(v.heard_places(at(0x9000)).empty());
  CHECK(v.leaf_places().of(0).empty());
  CHECK(v.find(at(0x9000))->candidates.all() == places{victim, own});  // this node may try them itself
  v.hear_at(at(0x9000), own.at.address);
  CHECK(v.heard_places(at(0x9000)) == places{own});
  CHECK(v.leaf_places().of(0) == places{own});
  v.learn_places(at(0x9000), {victim});
  CHECK(v.leaf_places().of(0).empty());
}

TEST_CASE("nodes nearer to a key are counted where the ring is known, and reckoned by its density beyond") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) l.insert(at(static_cast<std::uint16_t>(n)));
  const ring_density here(l, at(0x8000), at(0x8500));
  CHECK(here.covered());
  CHECK(here.rank(at(0x8800)) == doctest::Approx(1));
  CHECK(here.rank(at(0x8000)) == doctest::Approx(2));
  CHECK(here.rank(at(0x9000)) == doctest::Approx(3));
  const ring_density beside(l, at(0x8000), at(0x9400));  // of what lies farther right nothing is known
  CHECK_FALSE(beside.covered());
  CHECK(beside.rank(at(0x9000)) == doctest::Approx(1 + 1));      // nobody counted, 0x800 reckoned
  CHECK(beside.rank(at(0x8800)) == doctest::Approx(1 + 1 + 2));  // 9000 counted, 9000 to a000 reckoned
  const ring_density far(l, at(0x8000), at(0x1000));
  CHECK(far.rank(at(0x1400)) == doctest::Approx(2));
  CHECK(far.rank(at(0x0000)) == doctest::Approx(5));
  leaf_set all(at(0x8000), 8);  // the whole ring
  for (const auto n : {0x1000, 0x4000, 0xc000}) all.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(ring_density(all, at(0x8000), at(0x5000)).rank(at(0xc000)) == doctest::Approx(4));
}

TEST_CASE("with a choice of replicas each hop near the key comes nearer to it, whatever the prefixes say") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x7100));  // shares the key's first digit, and is far from it
  for (const auto n : {0x7f00, 0x7e00, 0x8100, 0x8200}) meet(v, at(static_cast<std::uint16_t>(n)));
  const auto tried = at(0x7e00);
  const auto next = [&] { return v.decide(destination::to_resource(at(0x7da0)), false, &tried).next; };
  CHECK(next() == at(0x7100));
  v.replica_choice = 2;
  CHECK(next() == at(0x7f00));
}

TEST_CASE("what the leaf set's members name makes the reckoning exact beyond it, and a node that they do not name is gone") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.replica_choice = 2;
  for (const auto n : {0x7f00, 0x7e00, 0x8100, 0x8200}) meet(v, at(static_cast<std::uint16_t>(n)));
  v.note_named(at(0x8200), {at(0x8100), at(0x8000)}, {at(0x8900), at(0x9800)});
  v.note_named(at(0x7e00), {at(0x7d00), at(0x7c00)}, {at(0x7f00), at(0x8000)});
  CHECK(v.beyond.right() == std::vector{at(0x8100), at(0x8200), at(0x8900), at(0x9800)});
  v.note_named(at(0x8200), {at(0x8100), at(0x8000)}, {at(0x9800), at(0xa000)});
  CHECK(v.beyond.right() == std::vector{at(0x8100), at(0x8200), at(0x9800), at(0xa000)});
  v.remove(at(0x8100));
  CHECK_FALSE(v.beyond.contains(at(0x8100)));
}

TEST_CASE("in a small ring a node stands on both sides, and the whole ring is known") {
  leaf_set l(at(0x8000), 4);
  CHECK(l.insert(at(0x9000)));
  CHECK_FALSE(l.insert(at(0x9000)));
  CHECK_FALSE(l.insert(at(0x8000)));
  CHECK(l.insert(at(0x1000)));
  CHECK(l.left() == std::vector{at(0x1000), at(0x9000)});
  CHECK(l.right() == std::vector{at(0x9000), at(0x1000)});
  CHECK(l.whole_ring());
}

TEST_CASE("a full leaf set keeps the nearest of each side") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x1000, 0x4000, 0x7000, 0x9000, 0xa000, 0xc000}) l.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(l.left() == std::vector{at(0x7000), at(0x4000)});
  CHECK(l.right() == std::vector{at(0x9000), at(0xa000)});
  CHECK_FALSE(l.would_take(at(0xb000)));
  CHECK(l.would_take(at(0x8800)));
  CHECK(l.spans(at(0x4000)));
  CHECK(l.spans(at(0x9fff)));
  CHECK_FALSE(l.spans(at(0xb000)));
  CHECK(l.erase(at(0x9000)));
  CHECK(l.insert(at(0xb000)));
}

TEST_CASE("of two candidates for a slot the clearly nearer one stays") {
  routing_table t(at(0x8000), 4);
  CHECK(t.insert(at(0x1000), 10ms));
  CHECK_FALSE(t.insert(at(0x1100), 9ms));
  CHECK(t.insert(at(0x1200), 5ms));
  CHECK(t.towards(at(0x1fff))->node == at(0x1200));
  CHECK(t.towards(at(0x2000)) == nullptr);
  CHECK(t.slot_of(at(0x8100)) == routing_table::slot{1, 1});
  CHECK(t.rows(0, 255).size() == 1);
  CHECK(t.erase(at(0x1200)));
  CHECK_FALSE(t.contains(at(0x1200)));
}

TEST_CASE("a key within the leaf set goes to the nearest, others along the table, then anywhere nearer") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) meet(v, at(static_cast<std::uint16_t>(n)));
  meet(v, at(0x1000));
  CHECK(decide(v, at(0x8100)).what == verdict::deliver);
  CHECK(decide(v, at(0x8700)).next == at(0x8800));
  CHECK(decide(v, at(0x1fff)).next == at(0x1000));
  // 0x7 is a leaf's digit and so in the table; for 0x2 nothing is: the least distance of all.
  CHECK(decide(v, at(0x2000)).next == at(0x1000));
  CHECK(decide(v, at(0xb000)).next == at(0x9000));
}

TEST_CASE("a suspect is not routed through, and a key it may be root of is held") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  const auto key = at(0x8f00);
  CHECK(decide(v, key).next == at(0x9000));
  v.record(at(0x9000)).doubt.suspect = true;
  CHECK(decide(v, key).what == verdict::hold);
  CHECK(v.decide(destination::to_resource(key), true).what == verdict::deliver);
  CHECK(v.root(key) == at(0x9000));
  CHECK(v.credible_root(at(0x7000), at(0x6f00)) == true);
  v.remove(at(0x9000));
  CHECK(decide(v, key).what == verdict::deliver);
}

TEST_CASE("a node without Update(active) is reached directly, never routed through") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  v.record(at(0x9000)).link.open = true;
  CHECK(v.decide(destination::to_node(at(0x9000)), false).next == at(0x9000));
  CHECK(decide(v, at(0x9000)).what == verdict::deliver);
}

TEST_CASE("a Node-ID that nobody near has is dropped at its root; a joiner is root of nothing") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  CHECK(v.decide(destination::to_node(at(0x8001)), false).what == verdict::drop);
  v.active = false;
  CHECK(decide(v, at(0x8001)).what == verdict::drop);
  meet(v, at(0x1000));
  CHECK(decide(v, at(0x8001)).next == at(0x1000));
}

TEST_CASE("an answer from a node that is farther than a known one is not credible") {
  ring_view v(at(0x8000), 4, 4, 4);
  v.active = true;
  meet(v, at(0x9000));
  meet(v, at(0xa000));
  CHECK(v.credible_root(at(0x9000), at(0x9100)));
  CHECK_FALSE(v.credible_root(at(0xa000), at(0x9100)));
  v.record(at(0x9000)).doubt.suspect = true;
  CHECK(v.credible_root(at(0xa000), at(0x9f00)));
}

TEST_CASE("a suspect is probed twice, then through others, then given up; any sign of life ends it") {
  using enum failure_detector::action;
  using steps = std::vector<std::pair<core::duration, failure_detector::action>>;
  const auto n = at(1);
  const auto steps_after = [&](suspicion why) {
    failure_detector d;
    steps out;
    CHECK(d.suspect(n, start, 100ms, why));  // RTO is at least 200 ms
    CHECK_FALSE(d.suspect(n, start, 100ms, why));
    for (auto now = d.next_due(); d.suspected(n); now = d.next_due()) {
      for (const auto& s : d.due(now)) out.emplace_back(now - start, s.what);
    }
    return out;
  };
  CHECK(steps_after(suspicion::silent) == steps{{0ms, probe}, {400ms, probe}, {1000ms, probe_indirect}, {1600ms, fail}});
  // Another has been through all that.
  CHECK(steps_after(suspicion::told) == steps{{0ms, probe}, {200ms, probe}, {600ms, fail}});
  // Its link is sending again what is overdue.
  CHECK(steps_after(suspicion::overdue) == steps{{200ms, probe}, {600ms, probe}, {1200ms, probe_indirect}, {1800ms, fail}});
  failure_detector d;
  CHECK(d.suspect(n, start, 5s, suspicion::silent));
  CHECK(d.alive(n));
  CHECK(d.next_due() == core::time_point::max());
  CHECK_FALSE(d.alive(n));
}

TEST_CASE("a suspect that another node has found failed, too, is given up one RTO later if it owes an answer to a probe") {
  using enum failure_detector::action;
  const auto n = at(1);
  failure_detector asked;
  asked.suspect(n, start, 200ms, suspicion::silent);
  CHECK(asked.due(start).size() == 1);
  CHECK_FALSE(asked.suspect(n, start + 50ms, 200ms, suspicion::told));
  CHECK(asked.next_due() == start + 250ms);
  const auto last = asked.due(start + 250ms);
  REQUIRE(last.size() == 1);
  CHECK(last[0].what == fail);
  CHECK(last[0].why == suspicion::told);

  failure_detector unasked;  // only an ACK is late
  unasked.suspect(n, start, 200ms, suspicion::overdue);
  CHECK_FALSE(unasked.suspect(n, start + 50ms, 200ms, suspicion::told));
  const auto first = unasked.due(start + 50ms);
  REQUIRE(first.size() == 1);
  CHECK(first[0].what == probe);
  CHECK(unasked.suspected(n));
}

TEST_CASE("a full leaf set that has lost a member is no small ring, and takes nobody from far beyond its sides") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 8; ++i) {
    l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x10)));
    l.insert(at(static_cast<std::uint16_t>(0x8000 - i * 0x10)));
  }
  CHECK_FALSE(l.whole_ring());
  CHECK(l.ring_size_estimate() == doctest::Approx(4096).epsilon(0.01));
  CHECK(l.edges_to_fill().empty());
  CHECK(l.erase(at(0x8030)));
  CHECK_FALSE(l.whole_ring());
  CHECK_FALSE(l.spans(at(0x2000)));
  CHECK(l.edges_to_fill() == std::vector{at(0x8080)});
  CHECK(l.right().size() == 7);
  CHECK(l.left().size() == 8);
  CHECK_FALSE(l.would_take(at(0x2000)));
  CHECK_FALSE(l.would_take(at(0x7f00)));
  CHECK(l.would_take(at(0x7f88)));  // nearer than the farthest on its side
  CHECK(l.insert(at(0x7f88)));
  CHECK_FALSE(l.contains(at(0x7f80)));
  CHECK(l.insert(at(0x8090)));
  CHECK(l.right().back() == at(0x8090));
  CHECK(l.edges_to_fill().empty());
}

TEST_CASE("a side with room takes the neighbour that its farthest member names, however far it is") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 8; ++i) {
    l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x10)));
    l.insert(at(static_cast<std::uint16_t>(0x8000 - i * 0x10)));
  }
  CHECK(l.erase(at(0x8030)));
  l.note_neighbours(at(0x8070), {at(0x8060)}, {at(0xa000)});  // it is not the farthest
  CHECK_FALSE(l.would_take(at(0xa000)));
  l.note_neighbours(at(0x8080), {at(0x8070)}, {at(0xb000), at(0xc000)});
  CHECK(l.would_take(at(0xb000)));
  CHECK_FALSE(l.would_take(at(0xc000)));
  CHECK(l.insert(at(0xb000)));
  CHECK(l.right().back() == at(0xb000));
  CHECK(l.right().size() == 8);
  CHECK(l.edges_to_fill().empty());
  CHECK(l.erase(at(0xb000)));
  CHECK_FALSE(l.would_take(at(0xb000)));  // it was named for another gap
}

TEST_CASE("a ring that shrinks is known whole again") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 20; ++i) l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x0c00)));
  CHECK_FALSE(l.whole_ring());
  const auto all = l.members();
  for (std::size_t i = 0; i < 3; ++i) l.erase(all[i * 5]);
  CHECK(l.whole_ring());
  CHECK(l.would_take(at(0x8100)));
}

TEST_CASE("the routing table is probed the more often, the more often nodes fail, within 30 s and 15 min") {
  probe_tuning t{.ring_size = 2000, .failure_rate = 0, .digit_bits = 4, .leaf_set_period = 33s, .detection = 3s};
  CHECK(table_probe_period(t) > 14min);
  t.failure_rate = 1 / 8280.0;
  CHECK(table_probe_period(t) > 8min);
  CHECK(table_probe_period(t) < 10min);
  t.failure_rate = 1 / 1800.0;
  CHECK(table_probe_period(t) < 2min);
  t.failure_rate = 1 / 300.0;
  CHECK(table_probe_period(t) == 30s);
}

TEST_CASE("the rate of failures is that of the last sixteen") {
  failure_history h;
  h.begin(start);
  CHECK(h.rate(start + 1000s, 10) == doctest::Approx(1e-4));  // as if one came now
  for (int i = 1; i <= 40; ++i) h.note(start + i * 100s);
  CHECK(h.rate(start + 4000s, 10) == doctest::Approx(1e-3));
}

TEST_CASE("a request is sent five times under one transaction, a timer apart, and fails five timers after the last") {
  request_table t(1s);
  bool failed = false;
  auto r = to_be_sent(start + 1h);
  r.done = [&](const core::result<answer>& a) { failed = !a; };
  t.add(std::move(r));
  unsigned sends = 0;
  auto now = start;
  for (; t.size() > 0; now += 100ms) {
    auto work = t.due(now);
    for (auto* p : work.send) {
      t.sent(*p, now);
      ++sends;
    }
    for (auto& f : work.failed) f.done(core::fail(errc::timed_out));
  }
  CHECK(sends == 5);
  CHECK(failed);
  CHECK(now - start == 9100ms);
}

TEST_CASE("a request that others than its root answer goes on to its deadline, at first soon, then a timer apart") {
  request_table t(1s);
  t.add(to_be_sent(start + 10s));
  std::vector<core::duration> sends;
  core::duration failed{};
  for (auto now = start; t.size() > 0; now += 50ms) {
    auto work = t.due(now);
    for (auto* p : work.send) {
      t.sent(*p, now);
      t.refused(*p, now);
      sends.push_back(now - start);
    }
    if (!work.failed.empty()) failed = now - start;
  }
  CHECK(failed == 10s);
  CHECK(sends ==
        std::vector<core::duration>{0ms, 100ms, 300ms, 700ms, 1500ms, 2500ms, 3500ms, 4500ms, 5500ms, 6500ms, 7500ms, 8500ms, 9500ms});
}

TEST_CASE("a request that is sent once is not sent again when another than its root answers") {
  request_table t(1s);
  auto r = to_be_sent(start + 10s);
  r.sends_max = 1;
  t.add(std::move(r));
  auto work = t.due(start);
  REQUIRE(work.send.size() == 1);
  t.sent(*work.send.front(), start);
  t.refused(*work.send.front(), start);
  CHECK(t.due(start + 4900ms).failed.empty());
  work = t.due(start + 5s);
  CHECK(work.send.empty());
  CHECK(work.failed.size() == 1);
}

TEST_CASE("a failed hop hurries what went by it, and answers of one transaction are told apart by signer") {
  request_table t(1s);
  for (const std::uint16_t n : std::vector<std::uint16_t>{1, 2}) {
    pending_request r;
    r.transaction = 7;
    r.destinations = {destination::to_node(at(n))};
    r.deadline = start + 5s;
    r.next_send = start + 1s;
    r.sends_max = 5;
    r.first_hop = at(n);
    t.add(std::move(r));
  }
  t.hurry(at(2), start);
  CHECK(t.due(start).send.size() == 1);
  CHECK(t.find(7, at(1))->target().id == at(1));
  CHECK(t.find(7, at(3)) == nullptr);
  const auto taken = t.take(*t.find(7, at(2)));
  CHECK(taken.target().id == at(2));
  CHECK(t.find(7, at(1)) != nullptr);
  CHECK(t.due(start + 5s).failed.size() == 1);
}

TEST_CASE("the answer cache knows fresh, unanswered and answered requests for fifteen seconds") {
  answer_cache c;
  using enum answer_cache::state;
  CHECK(c.look(at(1), 9, start) == fresh);
  CHECK(c.look(at(1), 9, start) == in_progress);
  CHECK(c.look(at(2), 9, start) == fresh);
  c.answered(at(1), 9, {1, 2});
  CHECK(c.look(at(1), 9, start + 14s) == answered);
  CHECK(c.answer(at(1), 9) == core::bytes{1, 2});
  CHECK(c.look(at(1), 9, start + 15s) == fresh);
}

TEST_CASE("one joiner at a time holds a grant, for a time that asking again does not prolong") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 5s));
  CHECK(g.take(at(1), start + 5s));  // asked again
  CHECK(g.busy_for(at(2), start + 5999ms));
  CHECK(g.take(at(2), start + 6s));
  CHECK_FALSE(g.release(at(1)));
  CHECK(g.expire(start + 12s) == at(2));
  CHECK_FALSE(g.expire(start + 12s).has_value());
}

TEST_CASE("a joiner that gives its grant back gets it again within its time only") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK(g.release(at(1)));
  CHECK(g.take(at(1), start + 3s));
  CHECK(g.expire(start + 6s) == at(1));
  CHECK_FALSE(g.take(at(1), start + 7s));
}

TEST_CASE("a joiner that does not wait any more keeps nobody waiting") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 1s));  // the first in the queue
  CHECK_FALSE(g.take(at(3), start + 1s));
  CHECK(g.release(at(1)));
  CHECK(g.busy_for(at(3), start + 2s));
  CHECK_FALSE(g.release(at(2)));
  CHECK(g.take(at(3), start + 2s));
}

TEST_CASE("a joiner that did not become active waits, twice as long each time, and one that did does not") {
  joiner_grant g({1, 2});
  auto t = start;
  for (const auto wait : {6s, 12s, 24s, 48s}) {
    CHECK(g.take(at(1), t));
    CHECK(g.expire(t + 6s) == at(1));
    CHECK_FALSE(g.take(at(1), t + 6s + wait - 1ms));
    CHECK(g.busy_for(at(1), t + 6s + wait - 1ms));
    t += 6s + wait;
  }
  CHECK(g.take(at(1), t));
  g.settle(at(1));
  CHECK(g.take(at(1), t + 6s));
}

TEST_CASE("no joiner waits longer than ten minutes") {
  joiner_grant g({1, 2});
  auto t = start;
  for (int i = 0; i < 20; ++i) {
    CHECK(g.take(at(1), t));
    t += 6s + 10min;
  }
}

TEST_CASE("joiners get a grant in the order in which they asked for it") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  CHECK_FALSE(g.take(at(2), start + 4s));
  CHECK_FALSE(g.take(at(3), start + 5s));
  CHECK_FALSE(g.take(at(3), start + 6s));  // it is 2's turn
  CHECK(g.take(at(2), start + 6s));
  g.settle(at(2));
  CHECK_FALSE(g.take(at(4), start + 7s));
  CHECK(g.take(at(3), start + 7s));
  g.settle(at(3));
  CHECK(g.take(at(4), start + 11s));  // nobody else has asked for three seconds
}

TEST_CASE("one whose time was over does not come first, however often it asks") {
  joiner_grant g({1, 2});
  CHECK(g.take(at(1), start));
  for (int i = 0; i < 70; ++i) {
    const auto now = start + 6s + i * 80ms;
    CHECK_FALSE(g.take(at(1), now));
    CHECK(g.take(at(2), now));
  }
}

TEST_CASE("many joiners that never become active are remembered in bounded memory, and a few only wait") {
  joiner_grant g({1, 2});
  for (std::uint16_t i = 0; i < 5000; ++i) (void)g.take(at(static_cast<std::uint16_t>(i + 1)), start + i * 1ms);
  CHECK(g.take(at(9999), start + 20s));
}

TEST_CASE("a token bucket allows its burst, then its rate") {
  token_bucket b(10, 3);
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += b.take(start) ? 1 : 0;
  CHECK(taken == 3);
  CHECK_FALSE(b.take(start + 50ms));
  CHECK(b.take(start + 150ms));
}

}  // namespace routing_test
