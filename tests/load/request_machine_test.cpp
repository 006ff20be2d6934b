#include "request_machine.hpp"

#include <doctest.h>

#include <memory>

#include "recorder.hpp"

namespace request_machine_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace load_test;
using namespace std::chrono_literals;

namespace {

sip_client_settings settings() {
  sip_client_settings s;
  s.via = "SIP/2.0/UDP";
  s.run = "-run";
  s.locals = {"192.0.2.1:1000", "192.0.2.2:1000"};
  s.ways = 2;
  s.operations_max = 3;
  return s;
}

struct registering {
  core::time_point now{100s};
  recorder out;
  std::unique_ptr<request_machine> machine;

  explicit registering(const request_machine::request& what = {.method = "REGISTER", .to = {}, .expires = 60, .body_bytes = 0})
      : machine(std::make_unique<request_machine>(what, settings(), std::vector<user>{{"u0", "pw"}, {"u1", "pw"}}, out, now)) {}
  std::string begin() {
    machine->begin(now, now);
    return out.messages.empty() ? "" : out.messages.back().text;
  }
  void answer(const std::string& request, std::string_view status, std::string_view more = "") {
    sip_scan r;
    REQUIRE(r.read(request));
    const auto text = "SIP/2.0 " + std::string(status) + "\r\n" + std::string(r.vias()[0]) + std::string(more) +
                      std::string(r.call_id_line) + std::string(r.cseq_line) + "\r\n";
    machine->on_message({0, {}, text}, now);
  }
  void pass(core::duration d) {
    for (const auto end = now + d; now < end;) machine->on_time(now += 10ms);
  }
  tally& counted() { return machine->counted(); }
};

const std::string challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n";

}  // namespace

TEST_CASE("users register in turn, each by a way of its own, under keys of their own") {
  registering r;
  const auto first = r.begin(), second = r.begin();
  CHECK(first.starts_with("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:1000;branch=z9hG4bK"));
  CHECK(has(first, "From: <sip:u0@example.com>;tag="));
  CHECK(has(first, "Contact: <sip:u0@192.0.2.1:1000>\r\nExpires: 60\r\n"));
  CHECK(has(second, "Contact: <sip:u1@192.0.2.2:1000>\r\n"));
  CHECK(r.out.messages.back().way == 1);
  sip_scan a, b;
  REQUIRE(a.read(first));
  REQUIRE(b.read(second));
  CHECK(a.call_id != b.call_id);
}

TEST_CASE("a challenge is met once, and the latency counts from the intended begin") {
  registering r;
  r.machine->begin(r.now - 7ms, r.now);
  const auto first = r.out.take();
  r.answer(first, "401 Unauthorized", challenge);
  const auto second = r.out.take();
  CHECK(has(second, "CSeq: 2 REGISTER\r\n"));
  CHECK(has(second, "Authorization: Digest username=\"u0\", realm=\"x\", nonce=\"n\", uri=\"sip:example.com\", response=\""));
  r.now += 3ms;
  r.answer(second, "200 OK");
  CHECK(r.counted().succeeded == 1);
  CHECK(r.counted().whole.max_us() == 10'000);
  CHECK(r.machine->open() == 0);
}

TEST_CASE("a second challenge is a failure, and so is one that can not be met") {
  registering r;
  r.answer(r.begin(), "401 Unauthorized", challenge);
  r.answer(r.out.messages.back().text, "401 Unauthorized", challenge);
  r.answer(r.begin(), "401 Unauthorized", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256\r\n");
  CHECK(r.counted().failed == 2);
  REQUIRE(r.counted().failures.size() == 2);
  CHECK(r.counted().failures[0].reason == "401");
  CHECK(r.counted().failures[1].reason == "no digest that is allowed");
}

TEST_CASE("a request is sent again as it was, and given up after its time") {
  registering r;
  const auto first = r.begin();
  r.pass(600ms);
  REQUIRE(r.out.messages.size() == 2);
  CHECK(r.out.messages[1].text == first);
  CHECK(r.counted().retransmissions == 1);
  r.pass(32s);
  CHECK(r.counted().failures.at(0).reason == "timed out");
  CHECK(r.machine->open() == 0);
}

TEST_CASE("an answer that comes too late, or twice, or is nobody's, is counted as unexpected") {
  registering r;
  const auto first = r.begin();
  r.answer(first, "200 OK");
  r.answer(first, "200 OK");
  r.machine->on_message({0, {}, "garbage"}, r.now);
  r.machine->on_message({0, {}, "SIP/2.0 200 OK\r\nCall-ID: 0000000000000001-other\r\nCSeq: 1 REGISTER\r\n\r\n"}, r.now);
  CHECK(r.counted().succeeded == 1);
  CHECK(r.counted().unexpected == 3);
}

TEST_CASE("where too many are under way the next one fails at once") {
  registering r;
  for (int i = 0; i < 4; ++i) r.machine->begin(r.now, r.now);
  CHECK(r.out.messages.size() == 3);
  CHECK(r.counted().failures.at(0).reason == "too many under way");
  r.machine->abandon(r.now);
  CHECK(r.counted().failed == 4);
  CHECK(r.counted().started == 4);
}

TEST_CASE("what should have begun in the warm-up is not counted") {
  auto s = settings();
  s.counted_from = core::time_point(200s);
  recorder out;
  const auto m = std::make_unique<request_machine>(request_machine::request{.method = "REGISTER", .to = {}, .expires = 60, .body_bytes = 0},
                                                   s, std::vector<user>{{"u", "pw"}}, out, core::time_point(100s));
  m->begin(core::time_point(199s), core::time_point(201s));
  m->begin(core::time_point(200s), core::time_point(201s));
  CHECK(m->counted().started == 1);
}

TEST_CASE("a MESSAGE goes to each recipient in turn, with a text of the length that was asked for") {
  registering r({.method = "MESSAGE", .to = {"bob", "carol"}, .expires = 0, .body_bytes = 5});
  const auto first = r.begin(), second = r.begin();
  CHECK(first.starts_with("MESSAGE sip:bob@example.com SIP/2.0\r\n"));
  CHECK(has(second, "To: <sip:carol@example.com>\r\n"));
  CHECK(first.ends_with("Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nxxxxx"));
  CHECK_FALSE(has(first, "Contact:"));
}

}  // namespace request_machine_test
