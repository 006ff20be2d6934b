#include <doctest.h>

#include "sip/message.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "support/sample_message.hpp"

namespace message_parse_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

const transport::endpoint source{asio::ip::make_address("192.0.2.1"), 5099};

sip::message with(std::string_view what, std::string_view by) { return parsed_message(replaced(sample_invite, what, by)); }

bool read(const std::string& text, sip::framing f = sip::framing::datagram) {
  return sip::message::parse(core::as_bytes(text), f).has_value();
}

}  // namespace

TEST_CASE("a list of more values than a request passes proxies is refused") {
  for (const auto* name : {"Route", "Record-Route", "Contact", "Via"}) {
    CAPTURE(name);
    const bool via = std::string_view(name) == "Via";
    const auto with = [&](std::size_t count) {
      std::string text =
          "OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=a\r\n"
          "To: <sip:bob@example.com>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n";
      for (std::size_t i = 0; i < count; i += 10) {
        text.append(name).append(": ");
        for (int n = 0; n < 10; ++n) text.append(n == 0 ? "" : ", ").append(via ? "SIP/2.0/UDP 192.0.2.1" : "<sip:192.0.2.1>");
        text.append("\r\n");
      }
      text.append("Content-Length: 0\r\n\r\n");
      return sip::message::parse(core::as_bytes(text), sip::framing::datagram).value();
    };
    CHECK_FALSE(with(90).defect());
    REQUIRE(with(110).defect());
    CHECK(with(110).defect()->status == 400);
  }
}

TEST_CASE("a request of our own has what s.8.1.1 demands, and survives its own parser") {
  auto made = sip::message::request("OPTIONS", "sip:b@example.com", "<sip:a@example.com>;tag=1", "<sip:b@example.com>", "id1", 7);
  REQUIRE(made);
  push_via(*made, "TLS", "192.0.2.1:5061", "z9hG4bKx");
  const auto again = parsed_message(made->print());
  CHECK_FALSE(again.defect().has_value());
  CHECK(again.cseq().number == 7);
  CHECK(sip::message::request("OPTIONS", "nonsense", "<sip:a@b>", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
  CHECK(sip::message::request("OP TIONS", "sip:a@b", "<sip:a@b>", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
  CHECK(sip::message::request("OPTIONS", "sip:a@b", "<sip:a@b>\r\nX: y", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
}

TEST_CASE("a broken request is refused and a broken response is discarded") {
  CHECK(parsed_message(replaced(sample_invite, "CSeq: 314159 INVITE", "CSeq: 314159 BYE")).defect()->status == 400);
  CHECK(parsed_message(replaced(sample_invite, "SIP/2.0\r\nVia", "SIP/3.0\r\nVia")).defect()->status == 505);
  CHECK(parsed_message(replaced(sample_invite, "Max-Forwards: 70", "Max-Forwards: 256")).defect()->status == 400);
  CHECK(parsed_message(replaced(sample_invite, "Content-Length: 3", "Content-Length: 4")).defect()->status == 400);
  const auto response = parsed_message(sample_invite).reply(200, {}, "t").print();
  CHECK_FALSE(
      sip::message::parse(core::as_bytes(replaced(response, "CSeq: 314159", "CSeq: 9999999999")), sip::framing::datagram).has_value());
  CHECK_FALSE(sip::message::parse(core::as_bytes(replaced(response, " 200 ", " 700 ")), sip::framing::datagram).has_value());
}

TEST_CASE("a broken Via hides those below it, so that nothing is aimed by them") {
  auto m = parsed_message(
      replaced(sample_invite, "Via: SIP/2.0/UDP pc33.atlanta.com", "Via: <SIP/2.0/UDP\r\nVia: SIP/2.0/UDP pc33.atlanta.com"));
  CHECK(m.defect()->status == 400);
  CHECK_FALSE(top_via(m).has_value());
  stamp_received(m, source);
  CHECK_FALSE(prints(m, "received"));
}

TEST_CASE("what a request must have once is neither missing nor there twice") {
  for (const std::string line : {"To: Bob <sip:bob@biloxi.com>\r\n", "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n",
                                 "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n", "CSeq: 314159 INVITE\r\n"}) {
    CAPTURE(line);
    CHECK(with(line, "").defect()->status == 400);
    CHECK(with(line, line + line).defect()->status == 400);
  }
  CHECK(with("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nMax-Forwards: 70\r\n").defect()->status == 400);
  CHECK_FALSE(with("Max-Forwards: 70\r\n", "").defect());
  CHECK(with("Call-ID: a84b4c76e66710@pc33.atlanta.com", "Call-ID: ").defect()->phrase == "Bad Request - Call-ID");
}

TEST_CASE("a sequence number is below 2^31, and Max-Forwards at most 255 (RFC 3261 s.8.1.1.5, s.20.22)") {
  CHECK_FALSE(with("CSeq: 314159", "CSeq: 2147483647").defect());
  CHECK(with("CSeq: 314159", "CSeq: 2147483648").defect()->status == 400);
  CHECK(with("CSeq: 314159", "CSeq: -1").defect()->status == 400);
  CHECK_FALSE(with("Max-Forwards: 70", "Max-Forwards: 255").defect());
  CHECK(with("Max-Forwards: 70", "Max-Forwards: 70x").defect()->status == 400);
}

TEST_CASE("a request line is three words with one space between, and of version 2.0") {
  CHECK(with("bob@biloxi.com SIP", "bob@biloxi.com  SIP").defect()->phrase == "Bad Request - Request-URI");
  CHECK(with("sip:bob@biloxi.com SIP", "sip:bob@biloxi.com?subject=x SIP").defect()->phrase == "Bad Request - Request-URI");
  CHECK(with("SIP/2.0\r\n", "SIP/2.01\r\n").defect()->status == 505);
  CHECK(with("SIP/2.0\r\n", "SIP/two\r\n").defect()->phrase == "Bad Request - Request-Line");
  CHECK_FALSE(read("INVITE\r\n\r\n"));
  CHECK_FALSE(read(replaced(sample_invite, "INVITE sip", "IN<>ITE sip")));
}

TEST_CASE("a status line has a code of three digits from 100 to 699") {
  const auto response = parsed_message(sample_invite).reply(200, {}, "t").print();
  for (const auto* good : {"SIP/2.0 100 Trying", "SIP/2.0 699 ", "SIP/2.0 200", "sip/2.0 200 OK"})
    CHECK_MESSAGE(read(replaced(response, "SIP/2.0 200 OK", good)), std::string(good));
  for (const auto* bad :
       {"SIP/2.0 099 Low", "SIP/2.0 700 High", "SIP/2.0 2000 OK", "SIP/2.0 20 OK", "SIP/2.0 2x0 OK", "SIP/2.0", "SIP/3.0 200 OK"})
    CHECK_MESSAGE(!read(replaced(response, "SIP/2.0 200 OK", bad)), std::string(bad));
}

TEST_CASE("nobody can be answered without a Via, and a stream needs a length") {
  CHECK_FALSE(read("OPTIONS sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n\r\n"));
  const auto without = replaced(sample_invite, "Content-Length: 3\r\n", "");
  CHECK_FALSE(read(without, sip::framing::stream));
  CHECK(core::as_text(parsed_message(without).body()) == "abc");
}

TEST_CASE("what a datagram has beyond its length is no body, and two lengths that differ are a defect") {
  CHECK(core::as_text(with("Content-Length: 3", "Content-Length: 2").body()) == "ab");
  CHECK_FALSE(with("Content-Length: 3\r\n", "Content-Length: 3\r\nl: 3\r\n").defect());
  const auto two = with("Content-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 2\r\n");
  CHECK(two.defect()->phrase == "Bad Request - Content-Length");
  CHECK(prints(two, "Content-Length: 3\r\n\r\nabc"));  // one again, and right
}

TEST_CASE("what is of our own making is read again whatever its size, and what others send is not") {
  auto m = parsed_message(sample_invite);
  for (int i = 0; i < 200; ++i) REQUIRE(m.add_header("X-Long", std::string(100, 'x')));
  const auto text = m.print();
  CHECK_FALSE(read(text));
  const auto again = sip::message::parse(core::as_bytes(text), sip::framing::own);
  REQUIRE(again);
  CHECK(again->print() == text);
  CHECK_FALSE(again->defect());
}

}  // namespace message_parse_test
