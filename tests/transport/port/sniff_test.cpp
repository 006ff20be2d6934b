#include "transport/port/sniff.hpp"

#include <doctest.h>

#include <string>

namespace sniff_test {

using namespace phyllo;
using transport::classify_datagram;
using transport::classify_stream;
using transport::datagram_kind;
using transport::stream_kind;

namespace {

stream_kind stream_of(std::string_view text) { return classify_stream(core::as_bytes(text)); }
datagram_kind datagram_of(std::string_view text) { return classify_datagram(core::as_bytes(text)); }

}  // namespace

TEST_CASE("datagrams are told apart as RFC 7983 says") {
  CHECK(classify_datagram(*core::from_hex("000100002112a442000000000000000000000000")) == datagram_kind::stun);
  CHECK(classify_datagram(*core::from_hex("000100002112a443000000000000000000000000")) == datagram_kind::noise);
  CHECK(classify_datagram(*core::from_hex("0001")) == datagram_kind::noise);
  CHECK(classify_datagram(*core::from_hex("16fefd000000000000000000010001")) == datagram_kind::dtls);
  CHECK(classify_datagram(*core::from_hex("160301")) == datagram_kind::noise);
  CHECK(classify_datagram(*core::from_hex("400100040102030405")) == datagram_kind::turn_channel);
  CHECK(classify_datagram({}) == datagram_kind::noise);
  CHECK(classify_datagram(*core::from_hex("80c80006")) == datagram_kind::noise);
}

TEST_CASE("every SIP method is text, though many begin where TURN's channels are") {
  for (const auto* m : {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "NOTIFY", "SUBSCRIBE", "INFO", "UPDATE",
                        "PRACK", "REFER", "PUBLISH"}) {
    CHECK(datagram_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == datagram_kind::sip);
  }
  CHECK(datagram_of("SIP/2.0 200 OK\r\n") == datagram_kind::sip);
  for (const auto* m : {"!interesting-Method0123456789_*+`.%indeed'~", "0ctets", "%25", "*"}) {  // RFC 4475 s.3.1.1.1: a token is a method
    CHECK(datagram_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == datagram_kind::sip);
    CHECK(stream_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == stream_kind::sip);
  }
  CHECK(datagram_of("\r\n\r\n") == datagram_kind::sip);
}

TEST_CASE("streams are told apart by their first line") {
  CHECK(stream_of("\x16\x03\x01\x02") == stream_kind::tls);
  CHECK(stream_of("\x16\x05") == stream_kind::noise);
  CHECK(stream_of("GET / HTTP/1.1\r\n") == stream_kind::http);
  CHECK(stream_of("GET http://example.com/ HTTP/1.1\r\n") == stream_kind::http);
  CHECK(stream_of("CONNECT example.com:443 HTTP/1.1\r\n") == stream_kind::http);
  CHECK(stream_of("OPTIONS * HTTP/1.1\r\n") == stream_kind::http);
  CHECK(stream_of("OPTIONS sip:bob@example.com SIP/2.0\r\n") == stream_kind::sip);
  CHECK(stream_of("INVITE tel:+1 SIP/2.0\r\n") == stream_kind::sip);
  CHECK(stream_of("SIP/2.0 200 OK\r\n") == stream_kind::sip);
  CHECK(stream_of("\r\n\r\n") == stream_kind::sip);
  CHECK(classify_stream(*core::from_hex("000100002112a442")) == stream_kind::stun);
  CHECK(classify_stream(*core::from_hex("000300082112a442")) == stream_kind::stun);
  CHECK(classify_stream(*core::from_hex("000100002112a443")) == stream_kind::noise);
  CHECK(classify_stream(*core::from_hex("00010000")) == stream_kind::undecided);
  CHECK(stream_of("SSH-2.0-OpenSSH\r\n") == stream_kind::noise);
}

TEST_CASE("a stream is undecided no longer than it must be, and never beyond its bound") {
  const std::string line = "OPTIONS sip:bob@example.com SIP/2.0\r\n";
  for (std::size_t n = 0; n <= 8; ++n) CHECK(stream_of(line.substr(0, n)) == stream_kind::undecided);
  CHECK(stream_of(line.substr(0, 9)) == stream_kind::sip);
  CHECK(stream_of("S") == stream_kind::undecided);
  CHECK(stream_of("SUBSCRIBE ") == stream_kind::undecided);
  CHECK(stream_of(std::string(transport::sniff_bytes_max, 'A')) == stream_kind::noise);
  CHECK(stream_of(std::string(transport::sniff_bytes_max - 1, 'A') + " ") == stream_kind::noise);
}

TEST_CASE("a datagram of SIP begins with a line of SIP/2.0") {
  const auto begins = [](std::string_view text) { return transport::has_sip_start_line(core::as_bytes(text)); };
  for (const auto* yes : {"OPTIONS sip:a@b SIP/2.0\r\nVia: x", "SIP/2.0 200 OK\r\n", "\r\n\r\nINVITE sip:a SIP/2.0\r\n",
                          "INVITE sip:a sip/2.0\n", "X SIP/2.0"})
    CHECK_MESSAGE(begins(yes), yes);
  for (const auto* no : {"X", "", "\r\n\r\n", "OPTIONS sip:a@b\r\nSIP/2.0", "SIP/2.0", "GET / HTTP/1.1\r\n", "OPTIONS sip:a@b SIP/3.0\r\n"})
    CHECK_MESSAGE(!begins(no), no);
}

}  // namespace sniff_test
