#include "sip/message_edit.hpp"

#include <doctest.h>

#include "sip/message_fields.hpp"
#include "support/sample_message.hpp"

namespace message_edit_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

const transport::endpoint source{asio::ip::make_address("192.0.2.1"), 5099};

sip::message bare(std::string_view more = {}) {
  return parsed_message(
      "OPTIONS sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\nFrom: <sip:a@example.com>;tag=a\r\n"
      "To: <sip:b@example.com>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n" +
      std::string(more) + "Content-Length: 0\r\n\r\n");
}

}  // namespace

TEST_CASE("an edited message keeps every line that was not edited") {
  auto m = parsed_message(sample_invite);
  push_via(m, "UDP", "192.0.2.9:5060", "z9hG4bKmine");
  pop_routes(m, 1);
  push_record_route(m, "<sip:192.0.2.9;lr>");
  set_max_forwards(m, 69);
  REQUIRE(set_request_uri(m, "sip:bob@192.0.2.4:5062"));
  const auto text = m.print();
  auto expected = replaced(sample_invite, "INVITE sip:bob@biloxi.com", "INVITE sip:bob@192.0.2.4:5062");
  expected = replaced(expected, "Via: ", "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKmine;rport\r\nVia: ");
  expected = replaced(expected, "Max-Forwards: 70", "Record-Route: <sip:192.0.2.9;lr>\r\nMax-Forwards: 69");
  expected = replaced(expected, "<sip:p1.example.com;lr>, ", "");
  CHECK(text == expected);
}

TEST_CASE("popping a Via takes one value off a line of several") {
  auto m = parsed_message(sample_invite);
  pop_via(m);
  REQUIRE(m.vias().size() == 1);
  CHECK(top_via(m)->branch == "z9hG4bKlower");
  pop_via(m);
  CHECK(m.vias().empty());
  CHECK_FALSE(prints(m, "Via"));
}

TEST_CASE("routes are popped across lines, and no more than there are") {
  auto m = sip::message::request("OPTIONS", "sip:bob@example.com", "<sip:a@example.com>;tag=a", "<sip:bob@example.com>", "c", 1).value();
  for (const auto* line : {"<sip:1.example.com>, <sip:2.example.com>", "<sip:3.example.com>", "<sip:4.example.com>, <sip:5.example.com>"})
    append_route(m, line);
  pop_routes(m, 0);
  CHECK(m.routes().size() == 5);
  pop_routes(m, 1);
  CHECK(m.routes().front().uri.text() == "sip:2.example.com");
  pop_routes(m, 3);
  REQUIRE(m.routes().size() == 1);
  CHECK(m.routes().front().uri.text() == "sip:5.example.com");
  pop_routes(m, 7);
  CHECK(m.routes().empty());
}

TEST_CASE("a copy is edited without its original") {
  const auto m = parsed_message(sample_invite);
  auto fork = m.copy();
  REQUIRE(set_request_uri(fork, "sip:elsewhere@192.0.2.7"));
  push_via(fork, "TCP", "192.0.2.9:5060", "z9hG4bKfork");
  set_body(fork, "text/plain", core::as_bytes("longer"));
  CHECK(m.print() == sample_invite);
  CHECK(prints(fork, "Content-Length: 6\r\n"));
  CHECK(top_via(fork)->transport == "TCP");
  CHECK_FALSE(top_via(fork)->has_rport);
}

TEST_CASE("received and rport tell where a request came from") {
  auto named = parsed_message(sample_invite);
  stamp_received(named, source);
  CHECK(top_via(named)->received == "192.0.2.1");
  CHECK_FALSE(top_via(named)->has_rport);
  REQUIRE(named.vias().size() == 2);
  CHECK(named.vias()[1].branch == "z9hG4bKlower");

  auto asks = parsed_message(replaced(sample_invite, "pc33.atlanta.com;branch", "192.0.2.1;rport;received=203.0.113.9;branch"));
  stamp_received(asks, source);
  CHECK(top_via(asks)->received == "192.0.2.1");
  CHECK(top_via(asks)->rport == 5099);
  CHECK(prints(asks, "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK776asdhds;received=192.0.2.1;rport=5099, SIP/2.0/TCP"));

  const auto plain = replaced(sample_invite, "pc33.atlanta.com;branch", "192.0.2.1;branch");
  auto same = parsed_message(plain);
  stamp_received(same, {asio::ip::make_address("192.0.2.1"), 5060});
  CHECK(same.print() == plain);
}

TEST_CASE("a Request-URI that does not parse leaves the old one") {
  auto m = bare();
  CHECK(set_request_uri(m, "nonsense").error() == sip::errc::malformed);
  CHECK(m.request_uri().text() == "sip:b@example.com");
  CHECK(prints(m, "OPTIONS sip:b@example.com SIP/2.0\r\n"));
}

TEST_CASE("a status has the phrase that it is given, or the RFC's") {
  auto m = bare().reply(200);
  set_status(m, 486);
  CHECK(m.print().starts_with("SIP/2.0 486 Busy Here\r\n"));
  set_status(m, 486, "Gone Fishing");
  CHECK(m.print().starts_with("SIP/2.0 486 Gone Fishing\r\n"));
}

TEST_CASE("only over UDP a Via asks for rport, and its further parameters stand last") {
  auto m = bare();
  push_via(m, "TLS", "192.0.2.9:5061", "z9hG4bKt", ";oc");
  CHECK(top_via_text(m) == "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bKt;oc");
  push_via(m, "udp", "192.0.2.9", "z9hG4bKu", ";oc");
  CHECK(top_via_text(m) == "SIP/2.0/udp 192.0.2.9;branch=z9hG4bKu;rport;oc");
  CHECK(m.vias().size() == 3);
}

TEST_CASE("a first Route, Record-Route or Path stands after the Vias, and a later one before the others of its kind") {
  auto m = bare();
  push_route(m, "<sip:1.example.com;lr>");
  push_route(m, "<sip:0.example.com;lr>");
  append_route(m, "<sip:2.example.com;lr>");
  push_record_route(m, "<sip:r.example.com;lr>");
  push_path(m, "<sip:p.example.com;lr>");
  push_path(m, "<sip:q.example.com;lr>");
  CHECK(prints(m,
               "branch=z9hG4bKa\r\nPath: <sip:q.example.com;lr>\r\nPath: <sip:p.example.com;lr>\r\nRecord-Route: <sip:r.example.com;lr>\r\n"
               "Route: <sip:0.example.com;lr>\r\nRoute: <sip:1.example.com;lr>\r\nRoute: <sip:2.example.com;lr>\r\nFrom: "));
  remove_routes(m);
  CHECK(m.routes().empty());
  CHECK(m.record_routes().size() == 1);
  CHECK(m.paths().size() == 2);
}

TEST_CASE("Max-Forwards is written where there is none, and once") {
  auto m = bare();
  set_max_forwards(m, 70);
  set_max_forwards(m, 0);
  CHECK(m.max_forwards() == 0);
  CHECK(m.headers("Max-Forwards") == std::vector<std::string>{"0"});
}

TEST_CASE("header fields are removed by their long names, but none that this program reads") {
  auto m = bare("s: lunch\r\nX-One: 1\r\nSupported: path\r\nX-Two: 2\r\n");
  std::vector<std::string> asked;
  remove_headers_if(m, [&](std::string_view name) {
    asked.emplace_back(name);
    return name != "X-Two";
  });
  CHECK(asked == std::vector<std::string>{"Subject", "X-One", "X-Two"});
  CHECK_FALSE(prints(m, "lunch"));
  CHECK(prints(m, "Supported: path\r\nX-Two: 2\r\n"));
}

TEST_CASE("a body replaces the old one with its type, and the length is right") {
  auto m = parsed_message(sample_invite);
  set_body(m, "application/sdp", core::as_bytes("v=0"));
  CHECK(prints(m, "Content-Type: application/sdp\r\n"));
  set_body(m, {}, {});
  CHECK_FALSE(prints(m, "Content-Type"));
  CHECK(m.print().ends_with("Content-Length: 0\r\n\r\n"));
}

TEST_CASE("received of an IPv6 source compares without brackets") {
  auto m = parsed_message(replaced(sample_invite, "pc33.atlanta.com;branch", "[2001:db8::1];branch"));
  stamp_received(m, {asio::ip::make_address("2001:db8::1"), 5060});
  CHECK(top_via(m)->received.empty());
  stamp_received(m, {asio::ip::make_address("2001:db8::2"), 5060});
  CHECK(top_via(m)->received == "2001:db8::2");
}

}  // namespace message_edit_test
