#include "reload/request_table.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "support/node_ids.hpp"

namespace request_table_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;

namespace {

const core::time_point start{1h};

pending_request to_be_sent(core::time_point deadline, std::uint64_t transaction = 7, const node_id& to = at(1)) {
  pending_request r;
  r.transaction = transaction;
  r.destinations = {destination::to_node(to)};
  r.deadline = deadline;
  r.next_send = start;
  r.sends_max = 5;
  return r;
}

}  // namespace

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

TEST_CASE("a failed hop hurries no request that goes by one link only, nor one that was sent for the last time") {
  request_table t(1s);
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto r = to_be_sent(start + 1h, i);
    r.next_send = start + 1s;
    r.sends_max = 5;
    r.first_hop = at(5);
    r.link_only = i == 1;
    r.sends = i == 2 ? r.sends_max : 1;
    t.add(std::move(r));
  }
  t.hurry(at(5), start);
  const auto work = t.due(start);
  REQUIRE(work.send.size() == 1);
  CHECK(work.send.front()->transaction == 0);
  CHECK(work.failed.empty());
}

TEST_CASE("whoever is gone fails what may go by its link only, and nothing else") {
  request_table t(1s);
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto r = to_be_sent(start + 1h, i, i == 2 ? at(2) : at(1));
    r.next_send = start + 10min;
    r.sends_max = 5;
    r.link_only = i != 1;
    t.add(std::move(r));
  }
  t.give_up(at(1), start);
  CHECK(t.next_due() == start);
  const auto work = t.due(start);
  REQUIRE(work.failed.size() == 1);
  CHECK(work.failed.front().transaction == 0);
  CHECK(t.size() == 2);
}

TEST_CASE("the table is due when the first request is, and never while it is empty") {
  request_table t(1s);
  CHECK(t.next_due() == core::time_point::max());
  auto late = to_be_sent(start + 1h, 1);
  late.next_send = start + 30s;
  t.add(std::move(late));
  auto early = to_be_sent(start + 2s, 2);  // its deadline comes before its send
  early.next_send = start + 5s;
  t.add(std::move(early));
  CHECK(t.next_due() == start + 2s);
  CHECK(t.due(start + 2s).failed.size() == 1);
  CHECK(t.next_due() == start + 30s);
  auto work = t.due(start + 30s);
  REQUIRE(work.send.size() == 1);
  t.sent(*work.send.front(), start + 30s);
  CHECK(t.next_due() == start + 31s);
  t.send_at(*work.send.front(), start + 30500ms);
  CHECK(t.next_due() == start + 30500ms);
  CHECK(t.take_all().size() == 1);
  CHECK(t.size() == 0);
}

TEST_CASE("a request with a timer of its own waits by that, after the last send too") {
  request_table t(1s);
  auto r = to_be_sent(start + 1h);
  r.timer = 200ms;
  r.sends_max = 2;
  t.add(std::move(r));
  auto now = start;
  for (int i = 0; i < 2; ++i, now += 200ms) {
    auto work = t.due(now);
    REQUIRE(work.send.size() == 1);
    t.sent(*work.send.front(), now);
  }
  CHECK(t.due(now - 1ms).failed.empty());
  CHECK(t.due(now).failed.size() == 1);
}

}  // namespace request_table_test
