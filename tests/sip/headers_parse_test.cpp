#include "sip/headers_parse.hpp"

#include <doctest.h>

#include <string>

namespace headers_parse_test {

using namespace phyllo::sip;

namespace {

using texts = std::vector<std::string_view>;

texts cut(std::string_view text, bool whole = true) {
  texts out;
  CHECK(split_values(text, out) == whole);
  return out;
}

}  // namespace

TEST_CASE("a list is cut at commas, but not within quotes and angle brackets") {
  CHECK(cut("a") == texts{"a"});
  CHECK(cut(" a ,\r\n b\t") == texts{"a", "b"});
  CHECK(cut(R"("x, y" <sip:a@b>, <sip:c,d@e>;p="f,g")") == texts{R"("x, y" <sip:a@b>)", R"(<sip:c,d@e>;p="f,g")"});
  CHECK(cut(R"("a\",b",c)") == texts{R"("a\",b")", "c"});
}

TEST_CASE("a list with an empty value or something that does not close is broken, and keeps what came before") {
  CHECK(cut("a,,b", false) == texts{"a", "b"});
  CHECK(cut("a,", false) == texts{"a"});
  CHECK(cut("", false).empty());
  CHECK(cut("a, <sip:b", false) == texts{"a"});
  CHECK(cut(R"(a, "b)", false) == texts{"a"});
  CHECK(cut("\"b\\", false).empty());
}

TEST_CASE("a Via is read with all its parameters") {
  const auto home = make_home();
  const auto v = parse_via(home.get(), "SIP/2.0/WSS [2001:db8::1]:5061;branch=z9hG4bKa;received=192.0.2.1;maddr=224.2.0.1;rport=4000");
  REQUIRE(v);
  CHECK(v->transport == "WSS");
  CHECK(v->host == "[2001:db8::1]");
  CHECK(v->port == 5061);
  CHECK(v->branch == "z9hG4bKa");
  CHECK(v->received == "192.0.2.1");
  CHECK(v->maddr == "224.2.0.1");
  CHECK(v->has_rport);
  CHECK(v->rport == 4000);
  const auto asked = parse_via(home.get(), "SIP/2.0/UDP host.example;rport");
  REQUIRE(asked);
  CHECK(asked->has_rport);
  CHECK(asked->rport == 0);
  CHECK(asked->port == 0);
  CHECK(asked->branch.empty());
  for (const auto* bad :
       {"", "SIP/2.0/UDP", "SIP/3.0/UDP host", "HTTP/2.0/UDP host", "SIP/2.0/UDP host:70000", "SIP/2.0/UDP host, SIP/2.0/UDP b"})
    CHECK_MESSAGE(!parse_via(home.get(), bad), std::string(bad));
}

TEST_CASE("an address is read with name and tag, of SIP or of another scheme") {
  const auto home = make_home();
  const auto a = parse_address(home.get(), R"("A. Bell" <sip:bell@example.com;lr>;tag=x)");
  REQUIRE(a);
  CHECK(a->display == R"("A. Bell")");
  CHECK(a->uri.text() == "sip:bell@example.com;lr");
  CHECK(a->tag == "x");
  const auto bare = parse_address(home.get(), "sip:bell@example.com;tag=y");  // s.20.10: the parameters are the field's
  REQUIRE(bare);
  CHECK(bare->uri.parameters.empty());
  CHECK(bare->tag == "y");
  CHECK(parse_address(home.get(), "<tel:+1-201-555-0123>")->uri.text() == "tel:+1-201-555-0123");
  for (const auto* bad : {"", "<>", "<sip:>", "<sip:a@b>, <sip:c@d>", "<sip:a@b:70000>"})
    CHECK_MESSAGE(!parse_address(home.get(), bad), std::string(bad));
}

TEST_CASE("of a list of addresses those that parse give their URIs") {
  const auto uris = uris_of("<sip:a@b>, <sip:>, Carol <tel:+1>");
  REQUIRE(uris.size() == 2);
  CHECK(uris[0].text() == "sip:a@b");
  CHECK(uris[1].text() == "tel:+1");
}

TEST_CASE("a Contact is read, and what is malformed in it counts as the RFC says") {
  const auto home = make_home();
  const auto c =
      parse_contact(home.get(), R"(<sip:a@192.0.2.1>;q=0.5;expires=60;+sip.instance="<urn:uuid:1>";reg-id=3;audio;methods="INVITE")");
  REQUIRE(c);
  CHECK(c->q_thousandths == 500);
  CHECK(c->expires == 60);
  CHECK(c->instance == "<urn:uuid:1>");
  CHECK(c->reg_id == 3);
  CHECK(c->features == R"(;audio;methods="INVITE")");
  CHECK(parse_contact(home.get(), "*")->star);
  const auto odd = parse_contact(home.get(), "<sip:a@192.0.2.1>;q=2;expires=soon;reg-id=x");
  REQUIRE(odd);
  CHECK(odd->q_thousandths == 1000);
  CHECK(odd->expires == 3600);  // s.10.2.1.1
  CHECK(odd->reg_id == 0);
  const auto plain = parse_contact(home.get(), "<sip:a@192.0.2.1>;q=0.0005");
  REQUIRE(plain);
  CHECK_FALSE(plain->expires.has_value());
  CHECK(plain->q_thousandths <= 1);
  CHECK_FALSE(parse_contact(home.get(), "<sip:>"));
}

TEST_CASE("CSeq is a number below 2^31 and a method") {
  CHECK(parse_cseq("1 INVITE")->method == "INVITE");
  CHECK(parse_cseq("2147483647 \t ACK ")->number == 2147483647);
  for (const auto* bad : {"", "1", "INVITE", "1 ", "2147483648 ACK", "4294967296 ACK", "-1 ACK", "1 IN VITE", "0x1 ACK"})
    CHECK_MESSAGE(!parse_cseq(bad), std::string(bad));
}

TEST_CASE("credentials keep their parameters as written") {
  const auto home = make_home();
  const auto c = parse_credentials(home.get(), R"(Digest username="a,b", nc=00000001 , qop = auth)");
  REQUIRE(c);
  CHECK(c->scheme == "Digest");
  CHECK(c->get("username") == "a,b");
  CHECK(c->get("nc") == "00000001");
  CHECK(c->get("qop") == "auth");
}

TEST_CASE("stamping a Via replaces what it said of received and rport, and leaves what is no Via") {
  const auto home = make_home();
  CHECK(stamp_via(home.get(), "SIP/2.0/UDP a.example:5070;received=1.2.3.4;branch=z9hG4bKa;rport=9;x", "192.0.2.1", 4000) ==
        "SIP/2.0/UDP a.example:5070;branch=z9hG4bKa;x;received=192.0.2.1;rport=4000");
  CHECK(stamp_via(home.get(), "SIP/2.0/TCP a.example", "2001:db8::1", 0) == "SIP/2.0/TCP a.example;received=2001:db8::1");
  CHECK(stamp_via(home.get(), ";;", "192.0.2.1", 1) == ";;");
}

TEST_CASE("a number is digits up to 2^32 - 1 and nothing else") {
  CHECK(parse_number("4294967295") == 4294967295U);
  CHECK(parse_number("007") == 7U);
  for (const auto* bad : {"", "4294967296", "-1", "+1", " 1", "1 ", "1.0"}) CHECK_MESSAGE(!parse_number(bad), std::string(bad));
}

TEST_CASE("a NUL in a quoted pair ends no value") {
  const auto home = make_home();
  using namespace std::string_view_literals;
  const auto a = parse_address(home.get(), "\"x\\\0y\" <sip:a@b>;tag=t"sv);
  REQUIRE(a);
  CHECK(a->tag == "t");
}

}  // namespace headers_parse_test
