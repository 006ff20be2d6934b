#include "pastry/ring_estimates.hpp"

#include <doctest.h>

namespace ring_estimates_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

}  // namespace

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

TEST_CASE("a node that watches nobody, or has not begun, knows of no failures") {
  failure_history h;
  CHECK(h.rate(start, 10) == 0);
  h.begin(start);
  CHECK(h.rate(start, 10) == 0);
  CHECK(h.rate(start + 100s, 0) == 0);
  h.note(start + 50s);
  CHECK(h.rate(start + 100s, 10) == doctest::Approx(2 / 1000.0));  // that one, and one now
  h.begin(start + 100s);
  CHECK(h.rate(start + 200s, 10) == doctest::Approx(1 / 1000.0));
}

TEST_CASE("a larger ring is probed more often, since a look-up meets more nodes in it") {
  const probe_tuning small{.ring_size = 100, .failure_rate = 1 / 3600.0, .digit_bits = 4, .leaf_set_period = 33s, .detection = 3s};
  auto large = small;
  large.ring_size = 100'000;
  CHECK(table_probe_period(large) < table_probe_period(small));
  auto alone = small;
  alone.ring_size = 1;  // no hop but the last
  CHECK(table_probe_period(alone) > 14min);
}

}  // namespace ring_estimates_test
