#include "pastry/failure_detector.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace failure_detector_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;
using enum failure_detector::action;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("a suspect is probed twice, then through others, then given up; any sign of life ends it") {
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

TEST_CASE("a loop that was late does one step at a time, half an RTO apart at least, and the next as if it had been in time") {
  failure_detector d;
  d.suspect(at(1), start, 200ms, suspicion::silent);
  auto now = start + 1h;
  const std::vector<std::pair<failure_detector::action, core::duration>> steps{{probe, 100ms}, {probe, 600ms}, {probe_indirect, 600ms}};
  for (const auto& [what, wait] : steps) {
    const auto done = d.due(now);
    REQUIRE(done.size() == 1);
    CHECK(done[0].what == what);
    CHECK(d.next_due() == now + wait);
    CHECK(d.due(now + wait - 1ms).empty());
    now += wait;
  }
  CHECK(d.due(now).at(0).what == fail);
  CHECK(d.empty());
}

TEST_CASE("a probe is waited for no longer than by the longest RTO that there is") {
  failure_detector d;
  d.suspect(at(1), start, 1h, suspicion::silent);
  (void)d.due(start);
  CHECK(d.next_due() == start + 2 * 3s);
  (void)d.due(d.next_due());
  CHECK(d.next_due() == start + 5 * 3s);
}

TEST_CASE("each suspect has its own time, and the first of them is when there is something to do") {
  failure_detector d;
  CHECK(d.next_due() == core::time_point::max());
  d.suspect(at(1), start, 200ms, suspicion::overdue);
  d.suspect(at(2), start + 50ms, 200ms, suspicion::closed);
  CHECK(d.next_due() == start + 50ms);
  const auto first = d.due(start + 50ms);
  REQUIRE(first.size() == 1);
  CHECK(first[0].node == at(2));
  CHECK(first[0].why == suspicion::closed);
  CHECK(d.due(start + 200ms).size() == 1);
  CHECK(d.alive(at(1)));
  CHECK_FALSE(d.suspected(at(1)));
  CHECK(d.suspected(at(2)));
}

}  // namespace failure_detector_test
