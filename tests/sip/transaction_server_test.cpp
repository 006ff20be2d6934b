#include "sip/transaction_server.hpp"

#include <doctest.h>

namespace transaction_server_test {

using namespace phyllo;
using namespace std::chrono_literals;
using sip::todo;
using state = sip::transaction_state;

namespace {

const sip::transaction_settings timers;
const core::time_point start{1h};

}  // namespace

TEST_CASE("a request is answered again for each retransmission until Timer J") {
  sip::server_transaction m(timers, false, start);
  CHECK(m.on_request() == todo::nothing);
  CHECK(m.on_reply(100, start + 1s) == todo::send);
  CHECK(m.on_request() == todo::send);
  CHECK(m.on_reply(200, start + 2s) == todo::send);
  CHECK(m.on_reply(404, start + 2s) == todo::nothing);
  CHECK(m.on_request() == todo::send);
  CHECK(m.next_timer() == start + 34s);
  CHECK(m.on_timer(start + 34s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("Timer J is zero over a reliable transport") {
  sip::server_transaction m(timers, true, start);
  CHECK(m.on_reply(200, start + 1s) == todo::send);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("a request that its user forgets is forgotten when its client has given up") {
  sip::server_transaction m(timers, false, start);
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_timer(start + 32s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

}  // namespace transaction_server_test
