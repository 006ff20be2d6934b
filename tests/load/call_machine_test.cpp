#include "call_machine.hpp"

#include <doctest.h>

#include <functional>
#include <memory>

#include "recorder.hpp"

namespace call_machine_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace load_test;
using namespace std::chrono_literals;

namespace {

sip_client_settings settings() {
  sip_client_settings s;
  s.via = "SIP/2.0/UDP";
  s.run = "-run";
  s.locals = {"192.0.2.1:1000", "192.0.2.1:2000"};
  return s;
}

// Both ends, and between them a network that may lose what it carries.
struct pair_of_ends {
  core::time_point now{100s};
  recorder out;
  callee_machine callee{{.run = "-run", .contact_parameters = "", .locals = settings().locals, .calls_max = 100, .timing = {}}, out, now};
  std::unique_ptr<call_machine> caller;
  std::function<bool(const std::string&)> loses = [](const std::string&) { return false; };
  std::vector<std::string> carried;

  explicit pair_of_ends(core::duration hold = {}) {
    call_machine::plan p{.callees = {{"bob", "sip:bob@example.com"}}, .hold = hold};
    caller = std::make_unique<call_machine>(std::move(p), settings(), std::vector<user>{{"alice", "pw"}}, out, now);
    caller->let_answer(callee);
  }
  void carry() {
    while (!out.messages.empty()) {  // ends when nobody answers any more
      const auto m = out.take_sent();
      if (loses(m.text)) continue;
      carried.push_back(m.text.substr(0, m.text.find("\r\n")));
      caller->on_message({m.way == 0 ? 1U : 0U, {}, m.text}, now);
    }
  }
  void pass(core::duration d) {
    for (const auto end = now + d; now < end;) {
      caller->on_time(now += 10ms);
      carry();
    }
  }
  void answer(const std::string& request, std::string_view status, std::string_view more = "") {
    sip_scan r;
    REQUIRE(r.read(request));
    caller->on_message({0,
                        {},
                        "SIP/2.0 " + std::string(status) + "\r\nTo: <sip:bob@x>;tag=t\r\n" + std::string(more) +
                            std::string(r.call_id_line) + std::string(r.cseq_line) + "\r\n"},
                       now);
  }
  std::string begin() {
    caller->begin(now, now);
    return out.messages.back().text;
  }
  tally& counted() { return caller->counted(); }
};

// Loses the first so many messages with such a beginning.
std::function<bool(const std::string&)> loss_of(std::string beginning, int count) {
  return [beginning = std::move(beginning), left = std::make_shared<int>(count)](const std::string& text) {
    return text.starts_with(beginning) && (*left)-- > 0;
  };
}

}  // namespace

TEST_CASE("a call goes from INVITE to the BYE's 200, and each part is counted") {
  pair_of_ends p;
  p.begin();
  p.carry();
  CHECK(p.carried == std::vector<std::string>{"INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK",
                                              "ACK sip:callee@192.0.2.1:2000 SIP/2.0", "BYE sip:callee@192.0.2.1:2000 SIP/2.0",
                                              "SIP/2.0 200 OK"});
  CHECK(p.counted().succeeded == 1);
  CHECK(p.counted().unexpected == 0);
  for (const auto& part : p.counted().parts) CHECK(part.values.count() == 1);
  CHECK(p.caller->open() == 0);
}

TEST_CASE("a call is held as long as it was asked to be") {
  pair_of_ends p(2s);
  p.begin();
  p.pass(1900ms);
  CHECK(p.counted().succeeded == 0);
  p.pass(200ms);
  CHECK(p.counted().succeeded == 1);
}

TEST_CASE("whatever is lost is said again, and the call succeeds") {
  for (const auto* what : {"INVITE", "SIP/2.0 180", "SIP/2.0 200", "ACK", "BYE"}) {
    CAPTURE(what);
    pair_of_ends p(3s);
    p.loses = loss_of(what, 2);
    p.begin();
    p.carry();
    p.pass(20s);
    CHECK(p.counted().succeeded == 1);
    CHECK(p.counted().failed == 0);
    CHECK(p.caller->open() == 0);
  }
}

TEST_CASE("later requests go by the routes that were recorded, to the contact, under the callee's tag") {
  pair_of_ends p;
  const auto invite = p.begin();
  p.out.messages.clear();
  p.answer(invite, "200 OK", "Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p1;lr>\r\nContact: <sip:bob@192.0.2.9>\r\n");
  const auto ack = p.out.take(), bye = p.out.take();
  CHECK(ack.starts_with("ACK sip:bob@192.0.2.9 SIP/2.0\r\n"));
  CHECK(has(ack, "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n"));
  CHECK(has(ack, "CSeq: 1 ACK\r\n"));
  CHECK(has(bye, "To: <sip:bob@example.com>;tag=t\r\n"));
  CHECK(has(bye, "CSeq: 2 BYE\r\n"));
}

TEST_CASE("a refusal is acknowledged in its transaction, and is a failure") {
  pair_of_ends p;
  const auto invite = p.begin();
  p.out.messages.clear();
  p.answer(invite, "486 Busy Here");
  const auto ack = p.out.take();
  CHECK(ack.starts_with("ACK sip:bob@example.com SIP/2.0\r\n"));
  CHECK(ack.substr(ack.find("branch="), 30) == invite.substr(invite.find("branch="), 30));
  CHECK(p.counted().failures.at(0).reason == "486");
  CHECK(p.caller->open() == 0);
}

TEST_CASE("a challenge is acknowledged and met, and the credentials go with the ACK too") {
  pair_of_ends p;
  const auto invite = p.begin();
  p.out.messages.clear();
  p.answer(invite, "407 Proxy Authentication Required", "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n");
  CHECK(p.out.take().starts_with("ACK "));
  const auto again = p.out.take();
  CHECK(has(again, "CSeq: 2 INVITE\r\n"));
  CHECK(has(again, "Proxy-Authorization: Digest username=\"alice\""));
  p.answer(again, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
  CHECK(has(p.out.take(), "Proxy-Authorization: "));
  CHECK(has(p.out.take(), "CSeq: 3 BYE\r\n"));
}

TEST_CASE("who never answers is told apart from who rings") {
  pair_of_ends p;
  p.loses = [](const std::string& text) { return text.starts_with("INVITE"); };
  p.begin();
  p.pass(33s);
  CHECK(p.counted().failures.at(0).reason == "INVITE timed out");
  pair_of_ends rings;
  const auto invite = rings.begin();
  rings.out.messages.clear();
  rings.loses = [](const std::string&) { return true; };
  rings.answer(invite, "180 Ringing");
  rings.pass(33s);
  CHECK(rings.counted().failures.at(0).reason == "not answered");
}

}  // namespace call_machine_test
