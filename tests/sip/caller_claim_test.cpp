#include "sip/caller_claim.hpp"

#include <doctest.h>

namespace caller_claim_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

using kind = caller_claim::kind;
const auto own_address = asio::ip::make_address("192.0.2.1");

own_names names() {
  own_names own{{"example.com"}, {"192.0.2.1", "[2001:db8::1]"}, 5060, 5061};
  own.is_supernode = [](const asio::ip::address& a) { return a == asio::ip::make_address("192.0.2.2"); };
  return own;
}

source sent_from(const char* at) {
  source s;
  s.remote = transport::endpoint::parse(at).value();
  return s;
}

caller_claim claim(const std::string& from, const std::string& more = {}, const char* at = "198.51.100.7:5060",
                   const own_names& own = names()) {
  const auto text = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKx\r\nFrom: " + from +
                    ";tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" + more + "Content-Length: 0\r\n\r\n";
  auto m = message::parse(core::as_bytes(text), framing::datagram);
  REQUIRE_MESSAGE(m.has_value(), from);
  caller_claim c;
  c.what = kind::malformed;
  if (!m->defect()) c = claim_of(*m, own, sent_from(at), own_address);
  return c;
}

}  // namespace

TEST_CASE("an address-of-record of the domain is claimed in every spelling") {
  for (const auto* from : {"<sip:alice@example.com>",
                           "sip:alice@example.com",
                           "<sip:alice@EXAMPLE.com>",
                           "<SIP:alice@example.com>",
                           "<sip:alice@example.com.>",
                           "<sip:%61lice@example.com>",
                           "<sip:alice@example%2ecom>",
                           "<sip:%61%6c%69%63%65@example.com>",
                           "<sip:alice@example.com:5060>",
                           "<sip:alice@example.com:9999>",
                           "<sips:alice@example.com>",
                           "<sip:alice:secret@example.com>",
                           "<sip:alice@example.com;transport=tcp>",
                           "<sip:alice@example.com?Subject=x>",
                           "\"sip:eve@example.net\" <sip:alice@example.com>",
                           "\"Eve \\\"<sip:eve@example.net>\\\"\" <sip:alice@example.com>",
                           "Eve <sip:alice@example.com>",
                           "<sip:alice@192.0.2.1>",
                           "<sip:alice@192.0.2.1:9999>",
                           "<sip:alice@[::ffff:192.0.2.1]>",
                           "<sip:alice@[2001:db8::1]>",
                           "<sip:alice@[2001:DB8:0:0::1]:5070>",
                           "<sip:alice@192.0.2.2>",
                           "<sip:alice@[::ffff:c000:202]>",
                           "<sip:alice@203.0.113.9>"}) {
    const auto c = claim(from);
    CHECK_MESSAGE(c.what == kind::ours, std::string(from));
    CHECK_MESSAGE(c.user == "alice@example.com", std::string(from));
    CHECK_MESSAGE(c.realm == "example.com", std::string(from));
  }
}

TEST_CASE("the parameters of a user part belong to it, so that nobody is somebody else by them") {
  CHECK(claim("<sip:alice;x=y@example.com>").user == "alice;x=y@example.com");
  CHECK(claim("<sip:Alice@example.com>").user == "Alice@example.com");
  CHECK(claim("<sip:example.com>").what == kind::ours);
  CHECK(claim("<sip:example.com>").user.empty());
}

TEST_CASE("a telephone number is of the only domain, and a local one of its context") {
  CHECK(claim("<tel:+49-30-1234>").user == "+49301234@example.com");
  CHECK(claim("<tel:1234;phone-context=example.com>").user == "1234@example.com");
  CHECK(claim("<tel:1234;phone-context=+49>").user == "+491234@example.com");
  CHECK(claim("<tel:1234;phone-context=example.org>").what == kind::foreign);
}

TEST_CASE("callers of other domains, at their own address, and at one that is nobody's here are foreign") {
  for (const auto* from : {"<sip:eve@example.net>", "<sip:alice@example.com.example.net>", "<sip:alice@xexample.com>",
                           "<sip:alice%40example.com@example.net>", "<sip:anonymous@anonymous.invalid>", "<sip:eve@198.51.100.7>",
                           "<sip:eve@[::ffff:198.51.100.7]:5080>", "<sip:eve@10.0.0.5>", "<sip:eve@127.0.0.1>"})
    CHECK_MESSAGE(claim(from).what == kind::foreign, std::string(from));
  // A node's address stays one when somebody sends from there.
  CHECK(claim("<sip:alice@192.0.2.2>", {}, "192.0.2.2:9999").what == kind::ours);
}

TEST_CASE("a From that is no name is refused, so that no phone has to guess what it says") {
  for (const auto* from : {"<sip:alice@example.com..>", "<sip:alice@.example.com>", "<sip:alice@192.0.2>", "<sip:alice@3221225985>",
                           "<sip:alice@192.000.002.001>", "<sip:alice@example.com@example.net>", "<sip:eve@example.net@example.com>",
                           "<mailto:alice@example.com>", "<im:alice@example.com>", "<sip:eve@example.net>, <sip:alice@example.com>",
                           "<sip:alice@ex\xc3\xa4mple.com>", "<sip:@example.com>"})
    CHECK_MESSAGE(claim(from).what == kind::malformed, std::string(from));
}

TEST_CASE("a preferred identity of the domain is a claim, too") {
  const auto c =
      claim("<sip:anonymous@anonymous.invalid>", "P-Preferred-Identity: \"Eve\" <sip:eve@example.net>, <sip:Alice@example.com.>\r\n");
  CHECK(c.what == kind::ours);
  CHECK(c.user == "Alice@example.com");
  CHECK(claim("<sip:anonymous@anonymous.invalid>", "P-Preferred-Identity: <sip:eve@example.net>\r\n").what == kind::foreign);
}

TEST_CASE("with several domains an address is ours and nobody's") {
  own_names two{{"example.com", "example.net"}, {"192.0.2.1"}, 5060, 5061};
  const auto c = claim("<sip:alice@192.0.2.1>", {}, "198.51.100.7:5060", two);
  CHECK(c.what == kind::ours);
  CHECK(c.user.empty());
  CHECK(claim("<sip:alice@Example.NET.>", {}, "198.51.100.7:5060", two).user == "alice@example.net");
}

TEST_CASE("callees have one form as callers have") {
  const auto own = names();
  for (const auto* text : {"sip:bob@example.com", "sip:b%6fb@EXAMPLE.COM.:5070", "sips:bob@example.com", "sip:bob@192.0.2.1",
                           "sip:bob@192.0.2.2:5060", "sip:bob@[2001:db8:0::1]:5061;transport=tls", "sip:bob@[::ffff:192.0.2.2]"})
    CHECK_MESSAGE(own.user_of(uri::parse(text).value()) == "bob@example.com", std::string(text));
  for (const auto* text : {"sip:bob@192.0.2.3", "sip:bob@192.0.2.2:9999", "sip:bob@example.net", "sip:example.com"})
    CHECK_MESSAGE(!own.user_of(uri::parse(text).value()).has_value(), std::string(text));
}

}  // namespace caller_claim_test
