#include "sip/trusted_headers.hpp"

#include <doctest.h>

namespace trusted_headers_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

const trusted_headers configured({"P-*", "Alert-Info", "Call-Info"});

message with(const std::string& lines) {
  const auto text =
      "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\nFrom: <sip:eve@example.net>;tag=1\r\n"
      "To: <sip:bob@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" +
      lines + "Content-Length: 0\r\n\r\n";
  return message::parse(core::as_bytes(text), framing::datagram).value();
}

bool says(const message& m, std::string_view name) { return m.header(name).has_value(); }

}  // namespace

TEST_CASE("a stranger says nothing that only the network may say, in whatever form") {
  auto m = with(
      "P-ASSERTED-identity : <sip:alice@example.com>\r\nP-Asserted-Identity:\r\n <tel:+49>\r\nP-Preferred-Identity: <sip:a@b>\r\ny: abc\r\n"
      "Remote-Party-ID: <sip:a@b>\r\nAlert-Info: <http://x>\r\nalert-info: <http://y>\r\nCall-Info: <http://z>;answer-after=0\r\n"
      "P-Charging-Vector: x\r\nResource-Priority: dsn.flash\r\nSubject: kept\r\nPriority: normal\r\n");
  configured.clean(m, standing::stranger);
  for (const auto* name : {"P-Asserted-Identity", "P-Preferred-Identity", "Identity", "Remote-Party-ID", "Alert-Info", "Call-Info",
                           "P-Charging-Vector", "Resource-Priority"})
    CHECK_MESSAGE(!says(m, name), std::string(name));
  CHECK(m.header("Subject") == "kept");
  CHECK(m.header("Priority") == "normal");
  CHECK(m.print().find("sserted") == std::string::npos);
}

TEST_CASE("a user says how his call is to ring, but not who he is") {
  auto m = with(
      "P-Asserted-Identity: <sip:carol@example.com>\r\nRemote-Party-ID: <sip:a@b>\r\nAlert-Info: <http://x>\r\nP-Early-Media: "
      "supported\r\n");
  configured.clean(m, standing::user);
  assert_identity(m, "alice@example.com");
  CHECK(m.headers("P-Asserted-Identity") == std::vector<std::string>{"<sip:alice@example.com>"});
  CHECK_FALSE(says(m, "Remote-Party-ID"));
  CHECK(says(m, "Alert-Info"));
  CHECK(says(m, "P-Early-Media"));
}

TEST_CASE("a trusted peer's word is kept") {
  auto m = with("P-Asserted-Identity: <sip:carol@example.com>\r\nAlert-Info: <http://x>\r\n");
  configured.clean(m, standing::trusted);
  CHECK(m.header("P-Asserted-Identity") == "<sip:carol@example.com>");
  CHECK(says(m, "Alert-Info"));
}

TEST_CASE("an asserted user is escaped where his name needs it") {
  auto m = with("");
  assert_identity(m, "a b>\r\nX: y@example.com");
  CHECK(m.header("P-Asserted-Identity") == "<sip:a%20b%3E%0D%0AX%3A%20y@example.com>");
}

}  // namespace trusted_headers_test
