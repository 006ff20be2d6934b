#include "sip/transaction_client.hpp"

#include <doctest.h>

#include <vector>

namespace transaction_client_test {

using namespace phyllo;
using namespace std::chrono_literals;
using sip::todo;
using state = sip::transaction_state;

namespace {

const sip::transaction_settings timers;
const core::time_point start{1h};

// The offsets at which it retransmits while nothing comes.
std::vector<core::duration> sends_until(sip::client_transaction& m, core::duration end) {
  std::vector<core::duration> out;
  while (m.next_timer() - start < end) {
    const auto when = m.next_timer();
    if (sip::has(m.on_timer(when), todo::send)) out.push_back(when - start);
  }
  return out;
}

}  // namespace

TEST_CASE("Timer E doubles up to T2 until Timer F ends a request") {
  sip::client_transaction m(timers, false, start);
  CHECK(sends_until(m, 32s) ==
        std::vector<core::duration>{500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms, 23500ms, 27500ms, 31500ms});
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("a request in Proceeding is retransmitted every T2, and Timer F still ends it") {
  sip::client_transaction m(timers, false, start);
  CHECK(m.on_response(100, start + 100ms) == todo::pass_up);
  CHECK(sends_until(m, 12s) == std::vector<core::duration>{500ms, 4500ms, 8500ms});
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
}

TEST_CASE("Timer K absorbs retransmitted responses for T4, and is zero over a reliable transport") {
  sip::client_transaction m(timers, false, start);
  CHECK(m.on_response(200, start + 1s) == todo::pass_up);
  CHECK(m.on_response(200, start + 2s) == todo::nothing);
  CHECK(m.next_timer() == start + 6s);
  CHECK(m.on_timer(start + 6s) == todo::nothing);
  CHECK(m.state() == state::terminated);
  sip::client_transaction stream(timers, true, start);
  CHECK(stream.on_response(404, start + 1s) == todo::pass_up);
  CHECK(stream.state() == state::terminated);
}

TEST_CASE("a late provisional response changes nothing after a final one, nor does a second final one") {
  sip::client_transaction m(timers, false, start);
  CHECK(m.on_response(404, start + 1s) == todo::pass_up);
  CHECK(m.on_response(100, start + 2s) == todo::nothing);
  CHECK(m.on_response(200, start + 2s) == todo::nothing);
  CHECK(m.state() == state::completed);
  CHECK(m.next_timer() == start + 6s);
}

TEST_CASE("over a reliable transport a request is sent once, and a transport error ends it") {
  sip::client_transaction m(timers, true, start);
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_response(100, start + 1s) == todo::pass_up);
  CHECK(m.next_timer() == start + 32s);
  m.on_transport_error();
  CHECK(m.state() == state::terminated);
  CHECK(m.next_timer() == core::time_point::max());
}

}  // namespace transaction_client_test
