#include "sip/message_fields.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/sample_message.hpp"

namespace message_fields_test {

using namespace phyllo;
using namespace phyllo::testing;

TEST_CASE("credentials are read parameter by parameter and removed one line at a time") {
  auto m =
      parsed_message(replaced(sample_invite, "X-Odd:   kept  as it   is \r\n",
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

TEST_CASE("malformed credentials keep their place, so that an index names a line") {
  auto m =
      parsed_message(replaced(sample_invite, "X-Odd:   kept  as it   is \r\n",
                              "Authorization: ???\r\nProxy-Authorization: Digest realm=\"p\"\r\nAuthorization: Digest realm=\"good\"\r\n"));
  const auto all = credentials_in(m, sip::field::authorization);
  REQUIRE(all.size() == 2);
  CHECK(all[1].get("realm") == "good");
  remove_credentials(m, sip::field::authorization, 1);
  CHECK_FALSE(prints(m, "good"));
  CHECK(prints(m, "Proxy-Authorization: Digest realm=\"p\"\r\n"));
  CHECK(prints(m, "Authorization: ???\r\n"));
}

TEST_CASE("the topmost Via is given as it was written, alone of its line") {
  const auto m = parsed_message(sample_invite);
  CHECK(top_via_text(m) == "SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds");
  CHECK(top_via(m)->host == "pc33.atlanta.com");
  const auto none = sip::message::request("OPTIONS", "sip:b@c.d", "<sip:a@c.d>;tag=1", "<sip:b@c.d>", "i", 1).value();
  CHECK(top_via_text(none).empty());
  CHECK_FALSE(top_via(none).has_value());
  CHECK_FALSE(first_route(none).has_value());
}

TEST_CASE("each Path value is a text by itself and on one line") {
  const auto m =
      parsed_message(replaced(sample_invite, "X-Odd:   kept  as it   is \r\n",
                              "Path: <sip:1.example.com;lr>,\r\n \"a, b\" <sip:2.example.com>;x\r\nPath: <sip:3.example.com\r\n ;lr>\r\n"));
  CHECK(path_texts(m) == std::vector<std::string>{"<sip:1.example.com;lr>", "\"a, b\" <sip:2.example.com>;x", "<sip:3.example.com   ;lr>"});
}

TEST_CASE("option tags are read of the field that is asked for, over all its lines") {
  const auto m = parsed_message(
      replaced(sample_invite, "X-Odd:   kept  as it   is \r\n", "Require: a,b\r\nProxy-Require: c\r\nRequire: d\r\nSupported:\r\n"));
  using tags = std::vector<std::string_view>;
  CHECK(option_tags(m, sip::field::require) == tags{"a", "b", "d"});
  CHECK(option_tags(m, sip::field::proxy_require) == tags{"c"});
  CHECK(option_tags(m, sip::field::supported) == tags{"path", "outbound"});
}

}  // namespace message_fields_test
