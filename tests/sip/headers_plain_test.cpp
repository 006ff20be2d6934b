#include "sip/headers_plain.hpp"

#include <doctest.h>

#include <array>
#include <random>
#include <string>

#include "sip/headers_parse.hpp"

namespace headers_plain_test {

using namespace phyllo::sip;

namespace {

bool same(const uri& a, const uri& b) { return a.text() == b.text() && a.user == b.user && a.host == b.host && a.port == b.port; }

bool same(const via& a, const via& b) {
  return a.transport == b.transport && a.host == b.host && a.port == b.port && a.branch == b.branch && a.received == b.received &&
         a.maddr == b.maddr && a.has_rport == b.has_rport && a.rport == b.rport;
}

bool same(const address& a, const address& b) { return a.display == b.display && a.tag == b.tag && same(a.uri, b.uri); }

bool same(const contact& a, const contact& b) {
  return a.star == b.star && same(a.uri, b.uri) && a.q_thousandths == b.q_thousandths && a.expires == b.expires &&
         a.instance == b.instance && a.reg_id == b.reg_id && a.features == b.features;
}

// What is read here reads the same by sofia-sip's classes. True: it was read here.
bool agrees(std::string_view text) {
  const auto home = make_home();
  const auto v = plain_via(text);
  if (v) CHECK_MESSAGE((parse_via(home.get(), text) && same(*v, *parse_via(home.get(), text))), std::string(text));
  const auto stamped = plain_stamp(text, "192.0.2.1", 4000);
  if (stamped) CHECK_MESSAGE(*stamped == stamp_via(home.get(), text, "192.0.2.1", 4000), std::string(text));
  const auto a = plain_address(text);
  if (a) CHECK_MESSAGE((parse_address(home.get(), text) && same(*a, *parse_address(home.get(), text))), std::string(text));
  const auto c = plain_contact(text);
  if (c) CHECK_MESSAGE((parse_contact(home.get(), text) && same(*c, *parse_contact(home.get(), text))), std::string(text));
  return v || a || c;
}

constexpr std::array<const char*, 14> usual{
    "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1-0;rport",
    "SIP/2.0/TLS phone.example.com;branch=z9hG4bKa.b;received=192.0.2.9;rport=4000;alias",
    "SIP/2.0/TCP [2001:db8::1]:5070;branch=z9hG4bK1;maddr=224.2.0.1;received=2001:db8::2",
    "<sip:alice@example.com>;tag=a1",
    "sip:alice@example.com;tag=a1",
    "Alice <sips:alice@example.com:5061;transport=tcp>;tag=1-2",
    "\"A. G. Bell\" <sip:+15551234567@gateway.example.com;user=phone>;tag=x",
    "<sip:Authorization-AbC_d-9@192.0.2.1:5060;transport=ws;lr>",
    "<sip:192.0.2.1;lr>",
    "<sip:alice@192.0.2.4:5071;ob>;q=0.5;expires=60;reg-id=1;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"",
    "<sip:a@[2001:db8::10]:5070>;audio;methods=\"INVITE,BYE\";q=1",
    "<sip:proxy.example.com:5060;lr>;x=y",
    "<SIP:Alice@Example.COM>;TAG=Z",
    "sip:alice@example.com",
};

}  // namespace

TEST_CASE("what phones usually write is read where it stands, as sofia-sip reads it") {
  for (const auto* text : usual) CHECK_MESSAGE(agrees(text), std::string(text));
}

TEST_CASE("what is odd is left to sofia-sip's classes") {
  for (const auto* text : {"",
                           "*",
                           "<>",
                           "<sip:>",
                           "sip:",
                           "<sip:a@>",
                           "<sip:@b>",
                           "<sip:a%20b@c>",
                           "<sip:a:secret@c>",
                           "<sip:a@b?x=y>",
                           "<sip:a@b;>",
                           "<sip:a@b:>",
                           "<sip:a@b:70000>",
                           "<sip:a@b> ;tag=x",
                           "<sip:a@b>; tag=x",
                           "<sip:a@b>;tag=",
                           "<sip:a@b>;tag=\"x",
                           "A B <sip:a@b>",
                           "\"a\\\"b\" <sip:a@b>",
                           "<tel:+1>",
                           "SIP/2.0/UDP",
                           "SIP/2.0/UDP  a",
                           "SIP / 2.0 / UDP a",
                           "SIP/3.0/UDP a",
                           "SIP/2.0/UDP a:",
                           "SIP/2.0/UDP a;b;;c",
                           "<sip:a@b>;x=a,<sip:c@d>",
                           "<sip:a@.b>",
                           "<sip:a@b..c>",
                           "<sip:a@-b>",
                           "<sip:a@[::1>"}) {
    CHECK_MESSAGE(!plain_via(text), std::string(text));
    CHECK_MESSAGE(!plain_address(text), std::string(text));
    CHECK_MESSAGE(!plain_contact(text), std::string(text));
  }
}

TEST_CASE("whatever is made of what phones write, both readers say the same where both read it") {
  std::mt19937 random(20261130);
  const std::string pieces = "aZ09<>@:;=,.-_\"\\ \t%[]/?*+&()sip";
  std::size_t read = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text = usual[random() % usual.size()];
    for (auto edits = random() % 4; edits > 0 && !text.empty(); --edits) {
      const auto at = random() % text.size();
      const char c = pieces[random() % pieces.size()];
      switch (random() % 4) {
        case 0: text[at] = c; break;
        case 1: text.insert(at, 1, c); break;
        case 2: text.erase(at, 1 + random() % 3); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 8)); break;
      }
    }
    read += agrees(text) ? 1 : 0;
  }
  CHECK(read > 10'000);
}

}  // namespace headers_plain_test
