#include "phyllo/stun/transaction.hpp"

#include <doctest.h>

#include <vector>

namespace stun_transaction_test {

using namespace phyllo;
using namespace std::chrono_literals;
using action = stun::client_transaction::action;

namespace {

const core::time_point start{1h};

std::vector<core::duration> sends_until_failure(stun::client_transaction t, core::duration& failed) {
  std::vector<core::duration> out;
  for (auto now = start;; now = t.next()) {
    const auto a = t.at(now);
    if (a == action::send) out.push_back(now - start);
    if (a == action::fail) {
      failed = now - start;
      return out;
    }
  }
}

}  // namespace

TEST_CASE("RFC 8489 s.6.2.1's example: sent at 0, 500, 1500, 3500, 7500, 15500 and 31500 ms, given up at 39500") {
  core::duration failed{};
  const auto sent = sends_until_failure(stun::client_transaction::over_datagrams(start), failed);
  CHECK(sent == std::vector<core::duration>{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms});
  CHECK(failed == 39500ms);
}

TEST_CASE("over a stream a request is sent once and given up after Ti") {
  core::duration failed{};
  const auto sent = sends_until_failure(stun::client_transaction::over_stream(start), failed);
  CHECK(sent == std::vector<core::duration>{0ms});
  CHECK(failed == 39500ms);
}

TEST_CASE("another Rto, Rc and Rm are kept to") {
  core::duration failed{};
  const auto sent = sends_until_failure(stun::client_transaction::over_datagrams(start, {.rto = 100ms, .rc = 3, .rm = 4}), failed);
  CHECK(sent == std::vector<core::duration>{0ms, 100ms, 300ms});
  CHECK(failed == 700ms);
}

TEST_CASE("nothing is due before its time, and only an answer to the first sending measures the round trip") {
  auto t = stun::client_transaction::over_datagrams(start);
  CHECK(t.at(start) == action::send);
  CHECK(t.at(start + 499ms) == action::wait);
  CHECK(t.measures_rtt());
  CHECK(t.rtt(start + 30ms) == 30ms);
  CHECK(t.at(start + 500ms) == action::send);
  CHECK_FALSE(t.measures_rtt());
}

}  // namespace stun_transaction_test
