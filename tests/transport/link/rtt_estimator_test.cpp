#include "transport/link/rtt_estimator.hpp"

#include <doctest.h>

namespace rtt_estimator_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("RTT and RTO follow RFC 6298 within the link's bounds") {
  transport::rtt_estimator e;
  CHECK(e.srtt() == 0ms);
  CHECK(e.rto() == 500ms);
  e.sample(100ms);
  CHECK(e.srtt() == 100ms);
  CHECK(e.rto() == 300ms);  // 100 + 4 * 50
  e.sample(200ms);
  CHECK(e.srtt() == 112500us);
  CHECK(e.rto() == 363ms);  // 112.5 + 4 * 62.5, rounded up
  for (int i = 0; i < 100; ++i) e.sample(100us);
  CHECK(e.rto() == 50ms);
  for (int i = 0; i < 100; ++i) e.sample(5s);
  CHECK(e.rto() == 1s);
}

TEST_CASE("a first round trip of no time at all is one, and the RTO keeps its least") {
  transport::rtt_estimator e;
  e.sample(0ms);
  CHECK(e.srtt() > core::duration::zero());
  CHECK(e.rto() == transport::rtt_estimator::rto_min);
}

TEST_CASE("the RTO is rounded up to a millisecond") {
  transport::rtt_estimator e;
  e.sample(100'001us);  // RTO: 300.003 ms
  CHECK(e.rto() == 301ms);
}

}  // namespace rtt_estimator_test
