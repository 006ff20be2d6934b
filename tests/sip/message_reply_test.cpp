#include <doctest.h>

#include "sip/message.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "support/sample_message.hpp"

namespace message_reply_test {

using namespace phyllo;
using namespace phyllo::testing;

TEST_CASE("a reply copies what RFC 3261 s.8.2.6 lists and tags its To once") {
  const auto m = parsed_message(sample_invite);
  const auto ringing = m.reply(180, {}, "abc");
  CHECK(ringing.print() ==
        "SIP/2.0 180 Ringing\r\n"
        "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds, SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKlower\r\n"
        "To: Bob <sip:bob@biloxi.com>;tag=abc\r\n"
        "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
        "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
        "CSeq: 314159 INVITE\r\n"
        "Content-Length: 0\r\n\r\n");
  CHECK(ringing.method() == sip::method::invite);
  const auto trying = m.reply(100, {}, "abc");
  CHECK(trying.to().tag.empty());
  CHECK(prints(trying, "Timestamp: 54\r\n"));
  const auto in_dialog = parsed_message(replaced(sample_invite, "To: Bob <sip:bob@biloxi.com>", "To: Bob <sip:bob@biloxi.com>;tag=old"));
  CHECK(in_dialog.reply(200, "Fine", "new").to().tag == "old");
}

TEST_CASE("an ACK for a refusal follows its INVITE and the response's To") {
  auto m = parsed_message(sample_invite);
  push_via(m, "UDP", "192.0.2.9:5060", "z9hG4bKmine");
  const auto refused = m.reply(486, {}, "callee");
  const auto ack = m.follow_up("ACK", &refused);
  CHECK(ack.method() == sip::method::ack);
  CHECK(ack.request_uri().text() == "sip:bob@biloxi.com");
  CHECK(ack.to().tag == "callee");
  CHECK(ack.cseq().number == 314159);
  CHECK(ack.cseq().method == "ACK");
  REQUIRE(ack.vias().size() == 1);
  CHECK(top_via(ack)->branch == "z9hG4bKmine");
  CHECK(ack.routes().size() == 2);
  CHECK_FALSE(parsed_message(ack.print()).defect().has_value());
}

TEST_CASE("a CANCEL has its INVITE's Request-URI, Via, Route, From, To and number, and nothing more (RFC 3261 s.9.1)") {
  auto m = parsed_message(sample_invite);
  push_via(m, "UDP", "192.0.2.9:5060", "z9hG4bKmine");
  CHECK(m.follow_up("CANCEL").print() ==
        "CANCEL sip:bob@biloxi.com SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKmine;rport\r\n"
        "Max-Forwards: 70\r\n"
        "To: Bob <sip:bob@biloxi.com>\r\n"
        "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
        "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
        "CSeq: 314159 CANCEL\r\n"
        "Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
        "Content-Length: 0\r\n\r\n");
}

TEST_CASE("a reply has the phrase that it is given, and no Timestamp but in a 100") {
  const auto m = parsed_message(sample_invite);
  CHECK(m.reply(200, "Fine").print().starts_with("SIP/2.0 200 Fine\r\n"));
  CHECK_FALSE(prints(m.reply(200), "Timestamp"));
  CHECK(m.reply(200).body().empty());
  CHECK(m.reply(200).to().tag.empty());  // none was given
}

}  // namespace message_reply_test
