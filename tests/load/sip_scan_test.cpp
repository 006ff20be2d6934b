#include "sip_scan.hpp"

#include <doctest.h>

namespace sip_scan_test {

using namespace phyllo::load;

namespace {

const std::string answer =
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nv: SIP/2.0/UDP b\r\n"
    "Record-Route: <sip:p1;lr;x=\"a,b\">, <sip:p2;lr>\r\nRecord-Route: \"Proxy, three\" <sip:p3;lr>\r\n"
    "From: <sip:a@x>;tag=1\r\nt: \"B;tag=no\" <sip:b@x;tag=inner>;tag=77;p\r\nCall-ID: abc\r\nCSeq: 42 INVITE\r\n"
    "m: \"Bob\" <sip:bob@192.0.2.1:5060;ob>;expires=60\r\nContent-Length: 4\r\n\r\nbody";

}  // namespace

TEST_CASE("a response is read with the lines that its request repeats") {
  sip_scan s;
  REQUIRE(s.read(answer));
  CHECK(s.status == 200);
  CHECK(s.method == "INVITE");
  CHECK(s.cseq == 42);
  CHECK(s.call_id == "abc");
  CHECK(parameter_of(s.to, "tag") == "77");
  CHECK(uri_of(s.contact) == "sip:bob@192.0.2.1:5060;ob");
  REQUIRE(s.vias().size() == 2);
  CHECK(s.vias()[1] == "v: SIP/2.0/UDP b\r\n");
  CHECK(s.body == "body");
}

TEST_CASE("routes are the recorded ones, the last first, commas in quotes and brackets dividing nothing") {
  sip_scan s;
  REQUIRE(s.read(answer));
  std::string routes;
  append_routes(routes, s);
  CHECK(routes == "Route: \"Proxy, three\" <sip:p3;lr>\r\nRoute: <sip:p2;lr>\r\nRoute: <sip:p1;lr;x=\"a,b\">\r\n");
}

TEST_CASE("a request is read with its method and URI") {
  sip_scan s;
  REQUIRE(s.read("BYE sip:x@y SIP/2.0\r\nCall-ID: c\r\nCSeq: 2 BYE\r\n\r\n"));
  CHECK(s.status == 0);
  CHECK(s.method == "BYE");
  CHECK(s.uri == "sip:x@y");
}

TEST_CASE("challenges of both kinds are kept") {
  sip_scan s;
  REQUIRE(s.read("SIP/2.0 401 No\r\nWWW-Authenticate: Digest a\r\nPROXY-AUTHENTICATE: Digest b\r\ni: c\r\nCSeq: 1 REGISTER\r\n\r\n"));
  REQUIRE(s.challenges().size() == 2);
  CHECK(s.challenges()[1] == "Digest b");
}

TEST_CASE("what is no SIP message is refused") {
  std::string many = "SIP/2.0 200 OK\r\nCall-ID: c\r\nCSeq: 1 X\r\n";
  for (int i = 0; i < 100; ++i) many += "Via: SIP/2.0/UDP a\r\n";
  for (const auto& text : {std::string(), std::string("\r\n"), std::string("HTTP/1.1 200 OK\r\n\r\n"),
                           std::string("SIP/2.0 99 x\r\nCall-ID: c\r\nCSeq: 1 X\r\n\r\n"),
                           std::string("SIP/2.0 200 OK\r\nCSeq: 1 X\r\n\r\n"), std::string("SIP/2.0 200 OK\r\nCall-ID: c\r\n\r\n"),
                           std::string("SIP/2.0 200 OK\r\nCall-ID: c\r\nCSeq: 1 X\r\n"), std::string("SIP/2.0"), many + "\r\n"}) {
    sip_scan s;
    CAPTURE(text);
    CHECK_FALSE(s.read(text));
  }
}

}  // namespace sip_scan_test
