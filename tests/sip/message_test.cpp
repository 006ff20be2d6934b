#include "sip/message.hpp"

#include <doctest.h>

#include <random>

#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "vectors.hpp"

namespace message_test {

using namespace phyllo;
using sip::message;

namespace {

const std::string invite =
    "INVITE sip:bob@biloxi.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds, SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKlower\r\n"
    "Max-Forwards: 70\r\n"
    "To: Bob <sip:bob@biloxi.com>\r\n"
    "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
    "CSeq: 314159 INVITE\r\n"
    "Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
    "X-Odd:   kept  as it   is \r\n"
    "Contact: <sip:alice@pc33.atlanta.com>;q=0.7;expires=60;+sip.instance=\"<urn:uuid:1>\";reg-id=2\r\n"
    "k: path, outbound\r\n"
    "Timestamp: 54\r\n"
    "Content-Length: 3\r\n\r\nabc";

message parsed(const std::string& text) {
  auto m = message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE_MESSAGE(m.has_value(), (m ? std::string() : m.error().message()));
  return std::move(*m);
}

bool contains(const message& m, std::string_view text) { return m.print().find(text) != std::string::npos; }

transport::endpoint at(const char* address, std::uint16_t port) { return {asio::ip::make_address(address), port}; }

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto found = text.find(what);
  REQUIRE(found != std::string::npos);
  return text.replace(found, what.size(), by);
}

}  // namespace

TEST_CASE("the fields of an INVITE are read") {
  const auto m = parsed(invite);
  CHECK(m.method() == sip::method::invite);
  CHECK(m.request_uri().text() == "sip:bob@biloxi.com");
  CHECK(m.call_id() == "a84b4c76e66710@pc33.atlanta.com");
  CHECK(m.cseq().number == 314159);
  CHECK(m.from().tag == "1928301774");
  CHECK(m.to().tag.empty());
  CHECK(m.to().display == "Bob");
  REQUIRE(m.vias().size() == 2);
  CHECK(top_via(m)->branch == "z9hG4bK776asdhds");
  CHECK(m.vias()[1].port == 5070);
  REQUIRE(m.routes().size() == 2);
  CHECK(first_route(m)->uri.host == "p1.example.com");
  REQUIRE(m.contacts().size() == 1);
  CHECK(m.contacts()[0].q_thousandths == 700);
  CHECK(m.contacts()[0].expires == 60);
  CHECK(m.contacts()[0].instance == "<urn:uuid:1>");
  CHECK(m.contacts()[0].reg_id == 2);
  CHECK(option_tags(m, sip::field::supported) == std::vector<std::string_view>{"path", "outbound"});
  CHECK(m.max_forwards() == 70);
  CHECK_FALSE(m.expires().has_value());
  CHECK(core::as_text(m.body()) == "abc");
}

TEST_CASE("an edited message keeps every line that was not edited") {
  auto m = parsed(invite);
  push_via(m, "UDP", "192.0.2.9:5060", "z9hG4bKmine");
  pop_routes(m, 1);
  push_record_route(m, "<sip:192.0.2.9;lr>");
  set_max_forwards(m, 69);
  REQUIRE(set_request_uri(m, "sip:bob@192.0.2.4:5062"));
  const auto text = m.print();
  auto expected = replaced(invite, "INVITE sip:bob@biloxi.com", "INVITE sip:bob@192.0.2.4:5062");
  expected = replaced(expected, "Via: ", "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKmine;rport\r\nVia: ");
  expected = replaced(expected, "Max-Forwards: 70", "Record-Route: <sip:192.0.2.9;lr>\r\nMax-Forwards: 69");
  expected = replaced(expected, "<sip:p1.example.com;lr>, ", "");
  CHECK(text == expected);
}

TEST_CASE("popping a Via takes one value off a line of several") {
  auto m = parsed(invite);
  pop_via(m);
  REQUIRE(m.vias().size() == 1);
  CHECK(top_via(m)->branch == "z9hG4bKlower");
  pop_via(m);
  CHECK(m.vias().empty());
  CHECK_FALSE(contains(m, "Via"));
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

TEST_CASE("a copy is edited without its original") {
  const auto m = parsed(invite);
  auto fork = m.copy();
  REQUIRE(set_request_uri(fork, "sip:elsewhere@192.0.2.7"));
  push_via(fork, "TCP", "192.0.2.9:5060", "z9hG4bKfork");
  set_body(fork, "text/plain", core::as_bytes("longer"));
  CHECK(m.print() == invite);
  CHECK(contains(fork, "Content-Length: 6\r\n"));
  CHECK(top_via(fork)->transport == "TCP");
  CHECK_FALSE(top_via(fork)->has_rport);
}

TEST_CASE("a reply copies what RFC 3261 s.8.2.6 lists and tags its To once") {
  const auto m = parsed(invite);
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
  CHECK(contains(trying, "Timestamp: 54\r\n"));
  const auto in_dialog = parsed(replaced(invite, "To: Bob <sip:bob@biloxi.com>", "To: Bob <sip:bob@biloxi.com>;tag=old"));
  CHECK(in_dialog.reply(200, "Fine", "new").to().tag == "old");
}

TEST_CASE("an ACK for a refusal follows its INVITE and the response's To") {
  auto m = parsed(invite);
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
  CHECK_FALSE(parsed(ack.print()).defect().has_value());
}

TEST_CASE("received and rport tell where a request came from") {
  auto named = parsed(invite);
  stamp_received(named, at("192.0.2.1", 5099));
  CHECK(top_via(named)->received == "192.0.2.1");
  CHECK_FALSE(top_via(named)->has_rport);
  REQUIRE(named.vias().size() == 2);
  CHECK(named.vias()[1].branch == "z9hG4bKlower");

  auto asks = parsed(replaced(invite, "pc33.atlanta.com;branch", "192.0.2.1;rport;received=203.0.113.9;branch"));
  stamp_received(asks, at("192.0.2.1", 5099));
  CHECK(top_via(asks)->received == "192.0.2.1");
  CHECK(top_via(asks)->rport == 5099);
  CHECK(contains(asks, "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK776asdhds;received=192.0.2.1;rport=5099, SIP/2.0/TCP"));

  const auto plain = replaced(invite, "pc33.atlanta.com;branch", "192.0.2.1;branch");
  auto same = parsed(plain);
  stamp_received(same, at("192.0.2.1", 5060));
  CHECK(same.print() == plain);
}

TEST_CASE("header fields are found in either form, added, and removed however they are written") {
  auto m = parsed(replaced(invite, "X-Odd:   kept  as it   is \r\n", "s: lunch\r\nSUBJECT : dinner\r\n"));
  CHECK(m.headers("Subject") == std::vector<std::string>{"lunch", "dinner"});
  m.remove_headers("subject");
  CHECK_FALSE(m.header("s").has_value());
  CHECK(m.add_header("Service-Route", "<sip:a;lr>"));
  CHECK(m.header("service-route") == "<sip:a;lr>");
  CHECK(m.add_header("X", "a\r\nInjected: b").error() == sip::errc::malformed);
  CHECK(m.add_header("X Y", "a").error() == sip::errc::malformed);
}

TEST_CASE("credentials are read parameter by parameter and removed one line at a time") {
  auto m = parsed(replaced(invite, "X-Odd:   kept  as it   is \r\n",
                           "Proxy-Authorization: Digest username=\"bo\\\"b\", realm=\"a.example\",\r\n  nonce=\"84,a4\", nc=00000001\r\n"
                           "Proxy-Authorization: Digest username=\"bob\", realm=\"b.example\"\r\n"));
  const auto all = credentials_in(m, sip::field::proxy_authorization);
  REQUIRE(all.size() == 2);
  CHECK(all[0].scheme == "Digest");
  CHECK(all[0].get("username") == "bo\"b");
  CHECK(all[0].get("Nonce") == "84,a4");
  CHECK(all[0].get("nc") == "00000001");
  CHECK_FALSE(all[0].get("opaque").has_value());
  remove_credentials(m, sip::field::proxy_authorization, 0);
  REQUIRE(credentials_in(m, sip::field::proxy_authorization).size() == 1);
  CHECK(credentials_in(m, sip::field::proxy_authorization)[0].get("realm") == "b.example");
}

TEST_CASE("a request of our own has what s.8.1.1 demands, and survives its own parser") {
  auto made = message::request("OPTIONS", "sip:b@example.com", "<sip:a@example.com>;tag=1", "<sip:b@example.com>", "id1", 7);
  REQUIRE(made);
  push_via(*made, "TLS", "192.0.2.1:5061", "z9hG4bKx");
  const auto again = parsed(made->print());
  CHECK_FALSE(again.defect().has_value());
  CHECK(again.cseq().number == 7);
  CHECK(message::request("OPTIONS", "nonsense", "<sip:a@b>", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
  CHECK(message::request("OP TIONS", "sip:a@b", "<sip:a@b>", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
  CHECK(message::request("OPTIONS", "sip:a@b", "<sip:a@b>\r\nX: y", "<sip:a@b>", "i", 1).error() == sip::errc::malformed);
}

TEST_CASE("a broken request is refused and a broken response is discarded") {
  CHECK(parsed(replaced(invite, "CSeq: 314159 INVITE", "CSeq: 314159 BYE")).defect()->status == 400);
  CHECK(parsed(replaced(invite, "SIP/2.0\r\nVia", "SIP/3.0\r\nVia")).defect()->status == 505);
  CHECK(parsed(replaced(invite, "Max-Forwards: 70", "Max-Forwards: 256")).defect()->status == 400);
  CHECK(parsed(replaced(invite, "Content-Length: 3", "Content-Length: 4")).defect()->status == 400);
  const auto response = parsed(invite).reply(200, {}, "t").print();
  CHECK_FALSE(message::parse(core::as_bytes(replaced(response, "CSeq: 314159", "CSeq: 9999999999")), sip::framing::datagram).has_value());
  CHECK_FALSE(message::parse(core::as_bytes(replaced(response, " 200 ", " 700 ")), sip::framing::datagram).has_value());
}

TEST_CASE("a broken Via hides those below it, so that nothing is aimed by them") {
  auto m = parsed(replaced(invite, "Via: SIP/2.0/UDP pc33.atlanta.com", "Via: <SIP/2.0/UDP\r\nVia: SIP/2.0/UDP pc33.atlanta.com"));
  CHECK(m.defect()->status == 400);
  CHECK_FALSE(top_via(m).has_value());
  stamp_received(m, at("192.0.2.1", 5099));
  CHECK_FALSE(contains(m, "received"));
}

TEST_CASE("mutated messages neither crash the parser nor print what it can not read again") {
  std::mt19937 random(4475);  // a fixed seed: a failure repeats
  std::vector<std::string> seeds;
  for (const auto* directory : {"rfc4475-torture", "rfc5118-ipv6-torture"})
    for (const auto& file : testing::files_of(directory)) seeds.push_back(testing::read_file(file));
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  std::size_t accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    auto text = seeds[pick(seeds.size())];
    for (std::size_t n = pick(6) + 1; n > 0; --n) {
      const auto where = pick(text.size());
      constexpr std::string_view odd =
          "\r\n\t \"<>;,=?@:[]()\\%&\0\x7f\xff"
          "a0";
      if (pick(3) == 0)
        text.insert(where, text.substr(pick(text.size()), pick(40)));
      else if (pick(2) == 0)
        text.erase(where, pick(10) + 1);
      else
        text[where] = odd[pick(odd.size())];
      if (text.empty()) text = "x";
    }
    auto m = message::parse(core::as_bytes(text), sip::framing::datagram);
    if (!m || m->defect()) continue;
    ++accepted;
    stamp_received(*m, at("192.0.2.1", 5060));
    if (m->is_request()) {
      push_via(*m, "UDP", "192.0.2.2:5060", "z9hG4bKm");
      push_record_route(*m, "<sip:192.0.2.2;lr>");
      pop_routes(*m, 1);
    } else {
      pop_via(*m);
    }
    const auto printed = m->print();
    const auto again = message::parse(core::as_bytes(printed), sip::framing::stream);
    const bool readable = (again && !again->defect()) || (!m->is_request() && m->vias().empty());
    CHECK_MESSAGE(readable, printed);
  }
  CHECK(accepted > 200);
}

}  // namespace message_test
