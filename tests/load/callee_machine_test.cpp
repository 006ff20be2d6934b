#include "callee_machine.hpp"

#include <doctest.h>

#include "recorder.hpp"

namespace callee_machine_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace load_test;
using namespace std::chrono_literals;

namespace {

std::string request(std::string_view method, std::string_view call_id, std::string_view to_tag = "") {
  const std::string m(method);
  return m +
         " sip:c@h SIP/2.0\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK2\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nRecord-Route: "
         "<sip:p;lr>\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:c@x>" +
         std::string(to_tag) + "\r\nCall-ID: " + std::string(call_id) + "\r\nCSeq: 1 " + m + "\r\n\r\n";
}

struct callee {
  core::time_point now{100s};
  recorder out;
  callee_machine machine{{.run = "-run", .contact_parameters = "", .locals = {"a:1", "b:2"}, .calls_max = 10, .timing = {}}, out, now};
  address from{.octets = {1, 2, 3}, .size = 3};

  bool hear(const std::string& text) {
    sip_scan s;
    REQUIRE(s.read(text));
    return machine.on_request(s, {1, from, text}, now);
  }
  void pass(core::duration d) {
    for (const auto end = now + d; now < end;) machine.on_time(now += 10ms);
  }
};

const std::string id = "0000000300000007-run";

}  // namespace

TEST_CASE("an INVITE is answered 180 and 200, where it came from, with all that an answer repeats") {
  callee c;
  REQUIRE(c.hear(request("INVITE", id)));
  const auto ringing = c.out.take_sent(), answer = c.out.take_sent();
  CHECK(ringing.text.starts_with("SIP/2.0 180 Ringing\r\n"));
  CHECK(answer.text.starts_with(
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK2\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nRecord-Route: <sip:p;lr>\r\n"));
  CHECK(has(answer.text, "To: <sip:c@x>;tag=b0000000300000007\r\n"));
  CHECK(has(answer.text, "CSeq: 1 INVITE\r\nContact: <sip:callee@b:2>\r\n"));
  CHECK(answer.way == 1);
  CHECK(answer.to == c.from);
  sip_scan s;
  REQUIRE(s.read(answer.text));
  CHECK(has(answer.text, "Content-Length: " + std::to_string(s.body.size()) + "\r\n"));
}

TEST_CASE("200 is sent again until the ACK, then not any more") {
  callee c;
  REQUIRE(c.hear(request("INVITE", id)));
  c.out.messages.clear();
  c.pass(1600ms);  // after 500 and 1500 ms
  CHECK(c.out.messages.size() == 2);
  CHECK(c.machine.retransmissions() == 2);
  CHECK(c.hear(request("ACK", id, ";tag=b")));
  c.out.messages.clear();
  c.pass(40s);
  CHECK(c.out.messages.empty());
}

TEST_CASE("without an ACK 200 is given up after 64*T1") {
  callee c;
  REQUIRE(c.hear(request("INVITE", id)));
  c.pass(33s);
  c.out.messages.clear();
  c.pass(10s);
  CHECK(c.out.messages.empty());
}

TEST_CASE("an INVITE that is sent again is answered by the same 200, and begins nothing") {
  callee c;
  REQUIRE(c.hear(request("INVITE", id)));
  static_cast<void>(c.out.take());
  const auto first = c.out.take();
  REQUIRE(c.hear(request("INVITE", id)));
  CHECK(c.out.take() == first);
  CHECK(c.out.messages.empty());
}

TEST_CASE("other requests are answered 200, and an ACK is not") {
  callee c;
  CHECK(c.hear(request("MESSAGE", id)));
  CHECK(c.out.take().starts_with("SIP/2.0 200 OK\r\n"));
  CHECK(c.hear(request("BYE", id, ";tag=b1")));
  const auto answer = c.out.take();
  CHECK(has(answer, "To: <sip:c@x>;tag=b1\r\n"));
  CHECK(c.hear(request("ACK", id)));
  CHECK(c.out.messages.empty());
}

TEST_CASE("what is of another run, or has no place, is no business of this end") {
  callee c;
  for (const auto* other : {"0000000300000007-other", "someone", "0000000a00000007-run"}) CHECK_FALSE(c.hear(request("INVITE", other)));
  CHECK(c.out.messages.empty());
}

}  // namespace callee_machine_test
