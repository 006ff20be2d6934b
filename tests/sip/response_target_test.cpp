#include "sip/response_target.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"

namespace response_target_test {

using namespace phyllo;
using namespace std::string_literals;

namespace {

sip::destination target(const std::string& via, sip::protocol by) {
  const auto text =
      "OPTIONS sip:a@b SIP/2.0\r\nVia: " + via + "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n\r\n";
  auto m = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE(m);
  const transport::endpoint from{asio::ip::make_address("192.0.2.1"), 40000};
  stamp_received(*m, from);
  return sip::response_target(*m, {by, from, {}, sip::flow_id{by == sip::protocol::udp ? 0U : 9U}});
}

}  // namespace

TEST_CASE("a response over UDP goes to the port of sent-by where that names the address that the request came from") {
  CHECK(target("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:5070");
  CHECK(target("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:5060");
}

TEST_CASE("behind a NAT a response goes where the request came from, without rport too") {
  CHECK(target("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:40000");
  CHECK(target("SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:40000");
  CHECK(target("SIP/2.0/UDP host.example;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:40000");
}

TEST_CASE("with rport a response goes where the request came from") {
  CHECK(target("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:40000");
}

TEST_CASE("maddr aims no response at a third party") {
  CHECK(target("SIP/2.0/UDP 10.0.0.1:5070;maddr=203.0.113.7;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:40000");
  CHECK(target("SIP/2.0/UDP 192.0.2.1:5070;maddr=203.0.113.7;branch=z9hG4bKa", sip::protocol::udp).at.text() == "192.0.2.1:5070");
}

TEST_CASE("a response on a stream takes its flow, and nothing is dialled for it when that has closed") {
  const auto to = target("SIP/2.0/TLS 10.0.0.1;branch=z9hG4bKa", sip::protocol::tls);
  CHECK(to.flow == sip::flow_id{9});
  CHECK(to.flow_only);
}

TEST_CASE("a Via that does not parse leaves the source") {
  CHECK(target("SIP/2.0/UDP 10.0.0.1;;", sip::protocol::udp).at.text() == "192.0.2.1:40000");
}

}  // namespace response_target_test
