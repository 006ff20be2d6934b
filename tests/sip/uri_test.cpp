#include "sip/uri.hpp"

#include <doctest.h>

#include "phyllo/sip/errc.hpp"

namespace uri_test {

using namespace phyllo;
using sip::uri;

namespace {

uri parsed(std::string_view text) {
  auto u = uri::parse(text);
  REQUIRE_MESSAGE(u.has_value(), std::string(text));
  return std::move(*u);
}

}  // namespace

TEST_CASE("a SIP URI is split and put together again") {
  for (const auto* text :
       {"sip:alice@atlanta.com", "sip:alice:secretword@atlanta.com;transport=tcp", "sips:alice@atlanta.com?subject=project%20x",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone", "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:[2001:db8::10]:5070;lr", "sip:192.0.2.1", "tel:+1-201-555-0123", "urn:service:sos"})
    CHECK(parsed(text).text() == text);
  const auto u = parsed("SIPS:alice@[2001:db8::1]:5061;lr;transport=tls?a=b");
  CHECK(u.scheme == "sips");
  CHECK(u.host == "[2001:db8::1]");
  CHECK(u.port == 5061);
  CHECK(u.parameter("LR") == "");
  CHECK(u.parameter("transport") == "tls");
  CHECK_FALSE(u.parameter("maddr").has_value());
}

TEST_CASE("what is no URI is refused") {
  for (const auto* text : {"", "alice", ":alice", "sip:", "sip:@host", "sip:a@", "sip:a b@host", "<sip:a@host>", "sip:a@host:port",
                           "sip:a@host:70000", "sip:2001:db8::1", "sip:a@[2001:db8::1", "sip:a@ho\"st", "1 2:x"})
    CHECK_MESSAGE(uri::parse(text).error() == sip::errc::malformed, text);
  CHECK_FALSE(uri::parse(std::string_view("sip:a\0@host", 11)).has_value());
  std::string many = "sip:a@host";
  for (int i = 0; i < 64; ++i) many += ";p" + std::to_string(i);
  CHECK(uri::parse(many).has_value());
  CHECK_FALSE(uri::parse(many + ";q").has_value());
}

TEST_CASE("URIs compare as RFC 3261 s.19.1.4 has them") {
  const auto same = [](const char* a, const char* b) { return parsed(a).same_as(parsed(b)) && parsed(b).same_as(parsed(a)); };
  CHECK(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  CHECK(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  CHECK(same("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"));
  CHECK_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  CHECK_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  CHECK_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  CHECK_FALSE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
  CHECK_FALSE(same("sip:a@b.c", "sips:a@b.c"));
  CHECK(same("sip:a@b.c;x=1;x=2", "sip:a@b.c;x=1;x=2"));
  CHECK(same("sip:a@b.c;x=1;x=2", "sip:a@b.c;x=1"));
}

TEST_CASE("an address of record has its escapes resolved and its host in lower case") {
  CHECK(parsed("sip:%61l%69ce@EXAMPLE.com:5070;lr").address_of_record() == "alice@example.com");
}

TEST_CASE("URI parameters are set, replaced and removed") {
  auto u = parsed("sip:a@b;x=1;lr;y=2");
  u.remove_parameter("LR");
  u.set_parameter("x", "3");
  u.set_parameter("ob");
  CHECK(u.text() == "sip:a@b;y=2;x=3;ob");
}

}  // namespace uri_test
