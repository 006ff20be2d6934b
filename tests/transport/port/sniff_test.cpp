#include "transport/port/sniff.hpp"

#include <doctest.h>

#include <string>

namespace sniff_test {

using namespace phyllo;
using transport::classify_datagram;
using transport::classify_stream;
using transport::datagram_kind;
using transport::stream_start;

namespace {

stream_start stream_of(std::string_view text) { return classify_stream(core::as_bytes(text)); }
std::optional<datagram_kind> datagram_of(std::string_view text) { return classify_datagram(core::as_bytes(text)); }

}  // namespace

TEST_CASE("datagrams are told apart as RFC 7983 says") {
  CHECK(classify_datagram(*core::from_hex("000100002112a442000000000000000000000000")) == datagram_kind::stun);
  CHECK(classify_datagram(*core::from_hex("000100002112a443000000000000000000000000")) == std::nullopt);
  CHECK(classify_datagram(*core::from_hex("0001")) == std::nullopt);
  CHECK(classify_datagram(*core::from_hex("16fefd000000000000000000010001")) == datagram_kind::dtls);
  CHECK(classify_datagram(*core::from_hex("160301")) == std::nullopt);
  CHECK(classify_datagram(*core::from_hex("400100040102030405")) == datagram_kind::turn);
  CHECK(classify_datagram(*core::from_hex("000300002112a442000000000000000000000000")) == datagram_kind::turn);
  CHECK(classify_datagram(*core::from_hex("4f4100040102030400")) == datagram_kind::turn);  // a letter, but the length is right
  CHECK(classify_datagram(*core::from_hex("5041000401020304")) == datagram_kind::turn);    // a channel of RFC 5766
  CHECK(classify_datagram({}) == std::nullopt);
  CHECK(classify_datagram(*core::from_hex("80c80006")) == std::nullopt);
}

TEST_CASE("every SIP method is text, though many begin where TURN's channels are") {
  for (const auto* m : {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "NOTIFY", "SUBSCRIBE", "INFO", "UPDATE",
                        "PRACK", "REFER", "PUBLISH"}) {
    CHECK(datagram_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == datagram_kind::text);
  }
  CHECK(datagram_of("SIP/2.0 200 OK\r\n") == datagram_kind::text);
  for (const auto* m : {"!interesting-Method0123456789_*+`.%indeed'~", "0ctets", "%25", "*"}) {  // RFC 4475 s.3.1.1.1: a token is a method
    CHECK(datagram_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == datagram_kind::text);
    CHECK(stream_of(std::string(m) + " sip:bob@example.com SIP/2.0\r\n") == stream_start::text);
  }
  CHECK(datagram_of("\r\n\r\n") == datagram_kind::text);
}

TEST_CASE("streams are told apart by their first line") {
  CHECK(stream_of("\x16\x03\x01\x02") == stream_start::tls);
  CHECK(stream_of("\x16\x05") == stream_start::noise);
  CHECK(stream_of("GET / HTTP/1.1\r\n") == stream_start::http);
  CHECK(stream_of("GET http://example.com/ HTTP/1.1\r\n") == stream_start::http);
  CHECK(stream_of("CONNECT example.com:443 HTTP/1.1\r\n") == stream_start::http);
  CHECK(stream_of("OPTIONS * HTTP/1.1\r\n") == stream_start::http);
  CHECK(stream_of("OPTIONS sip:bob@example.com SIP/2.0\r\n") == stream_start::text);
  CHECK(stream_of("INVITE tel:+1 SIP/2.0\r\n") == stream_start::text);
  CHECK(stream_of("SIP/2.0 200 OK\r\n") == stream_start::text);
  CHECK(stream_of("\r\n\r\n") == stream_start::text);
  CHECK(classify_stream(*core::from_hex("000100002112a442")) == stream_start::stun);
  CHECK(classify_stream(*core::from_hex("000300082112a442")) == stream_start::stun);
  CHECK(classify_stream(*core::from_hex("000100002112a443")) == stream_start::noise);
  CHECK(classify_stream(*core::from_hex("00010000")) == stream_start::undecided);
  CHECK(stream_of("SSH-2.0-OpenSSH\r\n") == stream_start::noise);
}

TEST_CASE("a stream is undecided no longer than it must be, and never beyond its bound") {
  const std::string line = "OPTIONS sip:bob@example.com SIP/2.0\r\n";
  for (std::size_t n = 0; n <= 8; ++n) CHECK(stream_of(line.substr(0, n)) == stream_start::undecided);
  CHECK(stream_of(line.substr(0, 9)) == stream_start::text);
  CHECK(stream_of("S") == stream_start::undecided);
  CHECK(stream_of("SUBSCRIBE ") == stream_start::undecided);
  CHECK(stream_of(std::string(transport::sniff_bytes_max, 'A')) == stream_start::noise);
  CHECK(stream_of(std::string(transport::sniff_bytes_max - 1, 'A') + " ") == stream_start::noise);
}

}  // namespace sniff_test
