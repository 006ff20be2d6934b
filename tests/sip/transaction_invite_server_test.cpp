#include "sip/transaction_invite_server.hpp"

#include <doctest.h>

#include <vector>

namespace transaction_invite_server_test {

using namespace phyllo;
using namespace std::chrono_literals;
using sip::todo;
using state = sip::transaction_state;

namespace {

const sip::transaction_settings timers;
const core::time_point start{1h};
constexpr auto never = core::time_point::max();

}  // namespace

TEST_CASE("an INVITE that its user leaves unanswered for 200 ms gets a 100") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_request() == todo::nothing);
  CHECK(m.next_timer() == start + 200ms);
  CHECK(m.on_timer(start + 200ms) == todo::send_trying);
  CHECK(m.next_timer() == never);
  CHECK(m.on_request() == todo::send);
}

TEST_CASE("an INVITE answered within 200 ms gets no 100") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_reply(180, start + 50ms) == todo::send);
  CHECK(m.next_timer() == never);
}

TEST_CASE("Timer G retransmits a refusal up to every T2 until Timer H gives up on the ACK") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_reply(486, start) == todo::send);
  std::vector<core::duration> sends;
  while (m.next_timer() < start + 32s) {
    const auto when = m.next_timer();
    REQUIRE(m.on_timer(when) == todo::send);
    sends.push_back(when - start);
  }
  CHECK(sends == std::vector<core::duration>{500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms, 23500ms, 27500ms, 31500ms});
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("over a reliable transport a refusal is sent once, and again for no INVITE but a retransmitted one") {
  sip::invite_server_transaction m(timers, true, start);
  CHECK(m.on_reply(486, start) == todo::send);
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_request() == todo::send);
}

TEST_CASE("an ACK confirms a refusal, and Timer I absorbs further ones for T4") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_reply(486, start) == todo::send);
  CHECK(m.on_ack(start + 1s) == todo::nothing);
  CHECK(m.state() == state::confirmed);
  CHECK(m.on_ack(start + 2s) == todo::nothing);
  CHECK(m.on_request() == todo::nothing);
  CHECK(m.next_timer() == start + 6s);
  CHECK(m.on_timer(start + 6s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("Timer I is zero over a reliable transport") {
  sip::invite_server_transaction m(timers, true, start);
  CHECK(m.on_reply(486, start) == todo::send);
  CHECK(m.on_ack(start + 1s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("an accepted INVITE absorbs retransmissions, sends the user's and passes ACKs up until Timer L") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_reply(200, start) == todo::send);
  CHECK(m.state() == state::accepted);
  CHECK(m.on_request() == todo::nothing);
  CHECK(m.on_reply(200, start + 1s) == todo::send);
  CHECK(m.on_reply(486, start + 1s) == todo::nothing);
  CHECK(m.on_ack(start + 2s) == todo::pass_up);
  CHECK(m.next_timer() == start + 32s);
  CHECK(m.on_timer(start + 32s) == todo::nothing);
  CHECK(m.state() == state::terminated);
}

TEST_CASE("an ACK for a 2xx that has no final response yet does nothing") {
  sip::invite_server_transaction m(timers, false, start);
  CHECK(m.on_ack(start) == todo::nothing);
  CHECK(m.state() == state::proceeding);
  CHECK(m.on_timer(start + 199ms) == todo::nothing);
  CHECK(m.on_timer(start + 200ms) == todo::send_trying);
}

TEST_CASE("after a refusal the user can say nothing more") {
  sip::invite_server_transaction m(timers, true, start);
  CHECK(m.on_reply(486, start) == todo::send);
  CHECK(m.on_reply(200, start + 1s) == todo::nothing);
  CHECK(m.on_reply(180, start + 1s) == todo::nothing);
  CHECK(m.state() == state::completed);
  CHECK(m.on_timer(start + 32s) == todo::timed_out);
  CHECK(m.next_timer() == never);
}

}  // namespace transaction_invite_server_test
