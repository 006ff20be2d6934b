#include "sip/glance.hpp"

#include <doctest.h>

#include "sip/message.hpp"
#include "sip/message_fields.hpp"

namespace glance_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

const std::string invite =
    "INVITE sip:bob@example.com SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\nVia: SIP/2.0/TCP "
    "192.0.2.2;branch=z9hG4bK0\r\n"
    "Max-Forwards: 70\r\nFrom: \"A\" <sip:alice@example.com>;tag=1\r\nTo: <sip:bob;tag=no@example.com>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n"
    "Contact: <sip:alice@192.0.2.1>\r\nContent-Length: 4\r\n\r\nTo: <sip:x>;tag=body\r\n";

std::string with(const std::string& line) {
  return invite.substr(0, invite.find("Contact")) + line + "\r\n" + invite.substr(invite.find("Contact"));
}

}  // namespace

TEST_CASE("method, To tag and credentials are seen at a glance, and nothing of the body") {
  const auto g = glance::at(invite);
  CHECK(g.what == glance::kind::invite);
  CHECK(g.to_tag.empty());
  CHECK(g.credentials.empty());
  CHECK_FALSE(g.routed);
  CHECK(glance::at(with("Route: <sip:t@x;lr>")).routed);
  CHECK(glance::at("\r\nSIP/2.0 200 OK\r\nt : <sip:b>\r\n ;tag=xyz\r\n\r\n").what == glance::kind::response);
  CHECK(glance::at("ACK sip:b SIP/2.0\r\nt : <sip:b>\r\n ;tag=xyz\r\n\r\n").to_tag.starts_with("xyz"));
  CHECK(glance::at("BYE sip:b SIP/2.0\r\nTo: sip:b;Tag=1\r\n\r\n").to_tag.starts_with("1"));
}

TEST_CASE("realm and nonce are found in credentials whatever stands beside them") {
  const auto message =
      with("Proxy-Authorization: Digest username=\"nonce=\", cnonce=\"n1\", realm=\"example.com\",nonce=\"abc\", uri=\"x\"");
  const auto g = glance::at(message);
  CHECK(parameter_of(g.credentials, "realm") == "example.com");
  CHECK(parameter_of(g.credentials, "nonce") == "abc");
  CHECK(parameter_of(g.credentials, "opaque").empty());
}

TEST_CASE("a request is refused by an answer that its sender takes for one") {
  const auto text = unavailable_to(invite, "busy-1", 7);
  const auto m = message::parse(core::as_bytes(text), framing::datagram);
  REQUIRE(m.has_value());
  CHECK_FALSE(m->defect());
  CHECK(m->status() == 503);
  CHECK(m->vias().size() == 2);
  CHECK(top_via(*m)->branch == "z9hG4bK1");
  CHECK(m->to().tag == "busy-1");
  CHECK(m->call_id() == "c1");
  CHECK(m->cseq().number == 7);
  CHECK(m->header("Retry-After") == "7");
  CHECK(text.size() <= invite.size() + 160);
}

TEST_CASE("what can not be answered is not: responses, ACKs, and requests without what an answer must bear") {
  CHECK(unavailable_to("SIP/2.0 200 OK" + invite.substr(invite.find("\r\n")), "t", 5).empty());
  CHECK(unavailable_to("ACK" + invite.substr(6), "t", 5).empty());
  for (const auto* name : {"v: ", "From: ", "To: ", "Call-ID: ", "CSeq: "}) {
    auto without = invite;
    while (without.find(name) < without.find("\r\n\r\n")) without.replace(without.find(name), 2, "Xx");
    if (std::string_view(name) == "v: ") without.replace(without.find("Via"), 3, "Xia");
    CHECK_MESSAGE(unavailable_to(without, "t", 5).empty(), name);
  }
  for (const auto* text : {"", "\r\n", "INVITE", "INVITE sip:b SIP/2.0\r\n", "\n\n\n", "INVITE sip:b SIP/2.0\r\nTo"}) {
    CHECK(unavailable_to(text, "t", 5).empty());
    CHECK(glance::at(text).to_tag.empty());
  }
}

}  // namespace glance_test
