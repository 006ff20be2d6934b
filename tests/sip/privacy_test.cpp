#include "sip/privacy.hpp"

#include <doctest.h>

#include "sip/message_fields.hpp"

namespace privacy_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

message asking(const std::string& lines) {
  const auto text =
      "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\nFrom: <sip:eve@example.net>;tag=1\r\n"
      "To: <sip:bob@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nP-Asserted-Identity: <sip:alice@example.com>\r\n"
      "P-Asserted-Identity: <tel:+4930>\r\nHistory-Info: <sip:carol@example.com>;index=1\r\nUser-Agent: x\r\n" +
      lines + "Content-Length: 0\r\n\r\n";
  return message::parse(core::as_bytes(text), framing::datagram).value();
}

message hidden(const std::string& lines) {
  auto m = asking(lines);
  hide_private(m);
  return m;
}

}  // namespace

TEST_CASE("who wants his identity private loses all asserted ones, and the request for it is served") {
  const auto m = hidden("Privacy: ID\r\nProxy-Require: privacy\r\n");
  CHECK(m.headers("P-Asserted-Identity").empty());
  CHECK_FALSE(m.header("Privacy").has_value());
  CHECK(option_tags(m, field::proxy_require).empty());
  CHECK(m.header("History-Info").has_value());
}

TEST_CASE("without the field, and with none, nothing is taken off") {
  CHECK(hidden("").headers("P-Asserted-Identity").size() == 2);
  const auto none = hidden("Privacy: none;id\r\n");
  CHECK(none.headers("P-Asserted-Identity").size() == 2);
  CHECK(none.header("Privacy") == "none;id");
}

TEST_CASE("what a proxy can not hide is still asked of those behind it") {
  const auto m = hidden("Privacy: header;id\r\nPrivacy: history\r\n");
  CHECK(m.headers("P-Asserted-Identity").empty());
  CHECK_FALSE(m.header("History-Info").has_value());
  CHECK(m.header("Privacy") == "header");
  const auto user = hidden("Privacy: user\r\n");
  CHECK_FALSE(user.header("User-Agent").has_value());
  CHECK(user.headers("P-Asserted-Identity").empty());
  CHECK(user.header("Privacy") == "user");
}

TEST_CASE("critical privacy that can not be had ends the request, and the phrase says what is lacking") {
  CHECK_FALSE(privacy_refusal(asking("Privacy: id;critical\r\n")).has_value());
  CHECK_FALSE(privacy_refusal(asking("Privacy: header;session\r\n")).has_value());
  CHECK_FALSE(privacy_refusal(asking("Privacy: none;critical;header\r\n")).has_value());
  const auto refused = privacy_refusal(asking("Privacy: header; Session;id ;critical;odd<script>\r\n"));
  REQUIRE(refused.has_value());
  CHECK(refused->status == 500);
  CHECK(refused->phrase == "Privacy Failure - Not Supported: header, session, an unknown value");
}

}  // namespace privacy_test
