#include "sip/transaction_invite_client.hpp"

#include <doctest.h>

#include <vector>

namespace transaction_invite_client_test {

using namespace phyllo;
using namespace std::chrono_literals;
using sip::todo;
using state = sip::transaction_state;

namespace {

const sip::transaction_settings timers;
const core::time_point start{1h};
constexpr auto never = core::time_point::max();

}  // namespace

TEST_CASE("Timer A doubles an INVITE's retransmissions until Timer B ends them") {
  sip::invite_client_transaction m(timers, false, start);
  std::vector<core::duration> sends;
  while (m.next_timer() < start + 32s) {
    const auto when = m.next_timer();
    REQUIRE(m.on_timer(when) == todo::send);
    sends.push_back(when - start);
  }
  CHECK(sends == std::vector<core::duration>{500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms});
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("over a reliable transport an INVITE is sent once and Timer B still runs") {
  sip::invite_client_transaction m(timers, true, start);
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
}

TEST_CASE("a provisional response stops Timers A and B and starts waiting on Timer C") {
  sip::invite_client_transaction m(timers, false, start);
  CHECK(m.on_response(100, start + 100ms) == todo::pass_up);
  CHECK(m.state() == state::proceeding);
  CHECK(m.next_timer() == start + sip::timer_c_after);
  CHECK(m.on_response(180, start + 60s) == todo::pass_up);
  CHECK(m.next_timer() == start + 60s + sip::timer_c_after);
  CHECK(m.on_timer(start + 60s + sip::timer_c_after) == todo::timer_c);
  CHECK(m.state() == state::proceeding);
}

TEST_CASE("a 100 does not reset Timer C") {
  sip::invite_client_transaction m(timers, false, start);
  CHECK(m.on_response(180, start + 1s) == todo::pass_up);
  CHECK(m.on_response(100, start + 50s) == todo::pass_up);
  CHECK(m.next_timer() == start + 1s + sip::timer_c_after);
}

TEST_CASE("an INVITE that is cancelled and never answered times out 64*T1 later") {
  sip::invite_client_transaction m(timers, false, start);
  CHECK(m.on_response(180, start + 1s) == todo::pass_up);
  m.on_cancelled(start + 10s);
  CHECK(m.on_response(180, start + 11s) == todo::pass_up);
  CHECK(m.next_timer() == start + 42s);
  CHECK(m.on_timer(start + 42s) == todo::timed_out);
}

TEST_CASE("a refusal is acknowledged, again for each retransmission, until Timer D") {
  sip::invite_client_transaction m(timers, false, start);
  CHECK(m.on_response(486, start + 1s) == (todo::pass_up | todo::send_ack));
  CHECK(m.on_response(486, start + 2s) == todo::send_ack);
  CHECK(m.on_response(180, start + 2s) == todo::nothing);
  CHECK(m.on_response(200, start + 2s) == todo::nothing);
  CHECK(m.next_timer() == start + 33s);
  CHECK(m.on_timer(start + 33s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("Timer D is zero over a reliable transport") {
  sip::invite_client_transaction m(timers, true, start);
  CHECK(m.on_response(486, start + 1s) == (todo::pass_up | todo::send_ack));
  CHECK(m.state() == state::terminated);
  CHECK(m.next_timer() == never);
}

TEST_CASE("every 2xx passes up until Timer M ends the Accepted state") {
  sip::invite_client_transaction m(timers, true, start);
  CHECK(m.on_response(200, start + 1s) == todo::pass_up);
  CHECK(m.state() == state::accepted);
  CHECK(m.on_response(200, start + 2s) == todo::pass_up);
  CHECK(m.on_response(486, start + 2s) == todo::nothing);
  CHECK(m.next_timer() == start + 33s);
  CHECK(m.on_timer(start + 33s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("a transport error ends an INVITE's client transaction") {
  sip::invite_client_transaction invite(timers, false, start);
  invite.on_transport_error();
  CHECK(invite.state() == state::terminated);
  CHECK(invite.next_timer() == never);
}

TEST_CASE("a timer that is asked too soon does nothing") {
  sip::invite_client_transaction m(timers, false, start);
  CHECK(m.on_timer(start + 499ms) == todo::nothing);
  CHECK(m.next_timer() == start + 500ms);
  CHECK(m.state() == state::calling);
}

TEST_CASE("a CANCEL before any answer, or after the final one, moves no timer") {
  sip::invite_client_transaction m(timers, true, start);
  m.on_cancelled(start + 1s);
  CHECK(m.next_timer() == start + 32s);  // s.9.1: it waits for a provisional response
  CHECK(m.on_response(200, start + 2s) == todo::pass_up);
  m.on_cancelled(start + 3s);
  CHECK(m.next_timer() == start + 34s);
}

TEST_CASE("after Timer C the INVITE may still be answered") {
  sip::invite_client_transaction m(timers, true, start);
  CHECK(m.on_response(180, start) == todo::pass_up);
  CHECK(m.on_timer(start + sip::timer_c_after) == todo::timer_c);
  CHECK(m.next_timer() == never);
  CHECK(m.on_response(183, start + sip::timer_c_after + 1s) == todo::pass_up);
  CHECK(m.next_timer() == never);  // it does not run again
  CHECK(m.on_response(486, start + sip::timer_c_after + 2s) == (todo::pass_up | todo::send_ack));
}

}  // namespace transaction_invite_client_test
