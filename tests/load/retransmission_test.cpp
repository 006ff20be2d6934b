#include "retransmission.hpp"

#include <doctest.h>

#include <vector>

namespace retransmission_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace std::chrono_literals;

namespace {

// When it is sent again, in milliseconds, until it is given up.
std::vector<long> times(bool invite, const sip_timing& t) {
  const core::time_point begin{100s};
  retransmission r;
  r.begin(begin, t);
  std::vector<long> out;
  for (auto now = r.due();; now = r.due()) {  // ends when it is given up
    const auto step = r.pass(now, t, invite);
    if (step == retransmission::step::give_up) return out;
    if (step == retransmission::step::again) out.push_back(static_cast<long>((now - begin) / 1ms));
  }
}

}  // namespace

TEST_CASE("an INVITE is sent again with doubled intervals (RFC 3261 s.17.1.1.2)") {
  CHECK(times(true, {}) == std::vector<long>{500, 1500, 3500, 7500, 15500, 31500});
}

TEST_CASE("another request is sent again every T2 at most (RFC 3261 s.17.1.2.2)") {
  CHECK(times(false, {}) == std::vector<long>{500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500});
}

TEST_CASE("nothing is sent again by a stream") {
  sip_timing t;
  t.reliable = true;
  CHECK(times(true, t).empty());
}

TEST_CASE("a provisional response ends an INVITE's repetitions, and slows another request's") {
  const core::time_point now{100s};
  retransmission r;
  r.begin(now, {});
  r.hear(now + 100ms, {}, true);
  CHECK(r.due() == now + 32s);
  r.begin(now, {});
  r.hear(now + 100ms, {}, false);
  CHECK(r.due() == now + 4100ms);
}

}  // namespace retransmission_test
