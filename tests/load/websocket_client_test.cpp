#include "websocket_client.hpp"

#include <doctest.h>

#include "phyllo/core/bytes.hpp"
#include "transport/http/websocket_engine.hpp"

namespace websocket_client_test {

using namespace phyllo;
using namespace phyllo::load;
using event = websocket_client::event;

namespace {

// RFC 6455 s.1.3: its key is "dGhlIHNhbXBsZSBub25jZQ==".
std::array<std::uint8_t, 16> sample_nonce() {
  std::array<std::uint8_t, 16> out;
  const std::string_view text = "the sample nonce";
  std::copy(text.begin(), text.end(), out.begin());
  return out;
}

const std::string agreed =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

websocket_client opened() {
  websocket_client c("h", "/", sample_nonce());
  static_cast<void>(c.take_output());
  c.feed(agreed);
  REQUIRE(c.next().what == event::opened);
  return c;
}

std::string whole_message(websocket_client& c, event what = event::message) {
  const auto p = c.next();
  CHECK(p.what == what);
  return std::string(p.text);
}

}  // namespace

TEST_CASE("the handshake is RFC 6455's example, and asks for SIP") {
  websocket_client c("server.example.com:80", "/chat", sample_nonce());
  const auto request = c.take_output();
  CHECK(request.starts_with("GET /chat HTTP/1.1\r\nHost: server.example.com:80\r\n"));
  CHECK(request.find("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") != std::string::npos);
  CHECK(request.find("Sec-WebSocket-Protocol: sip\r\n") != std::string::npos);
  for (const char octet : agreed) {
    CHECK(c.next().what == event::need_more);
    c.feed({&octet, 1});
  }
  CHECK(c.next().what == event::opened);
}

TEST_CASE("a refusal, and an answer to another key, close it with a reason") {
  websocket_client refused("h", "/", sample_nonce()), wrong("h", "/", sample_nonce());
  refused.feed("HTTP/1.1 403 Forbidden\r\n\r\n");
  CHECK(whole_message(refused, event::closed) == "the server answers HTTP/1.1 403 Forbidden");
  CHECK(whole_message(refused, event::closed) == "the server answers HTTP/1.1 403 Forbidden");
  wrong.feed("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: AAAA\r\n\r\n");
  CHECK(wrong.next().what == event::closed);
}

TEST_CASE("our server's end reads what is sent, of every length of a frame's head, and is read") {
  transport::websocket_engine server(1 << 16);
  auto c = opened();
  for (const std::size_t size : {1UL, 125UL, 126UL, 4000UL, 65'535UL}) {
    const std::string text(size, 'm');
    c.send(text);
    REQUIRE(server.feed(core::as_bytes(c.take_output())));
    REQUIRE(server.has_message());
    CHECK(server.take_message() == text);
    server.send(core::as_bytes(text));
    c.feed(core::as_text(server.take_output()));
    CHECK(whole_message(c) == text);
  }
}

TEST_CASE("a message in pieces is one, and a ping between them is answered") {
  auto c = opened();
  c.feed(
      std::string("\x01\x02"
                  "ab"
                  "\x89\x01"
                  "p"
                  "\x80\x01"
                  "c",
                  10));
  CHECK(whole_message(c) == "abc");
  const auto pong = c.take_output();
  CHECK(pong.size() == 7);
  CHECK(static_cast<std::uint8_t>(pong[0]) == 0x8a);
}

TEST_CASE("frames that no server may send close it") {
  for (const auto& bad :
       {std::string("\x81\x81"
                    "mask"
                    "x",
                    7),
        std::string("\x83\x00", 2), std::string("\x88\x00", 2), std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10)}) {
    auto c = opened();
    c.feed(bad);
    CHECK(c.next().what == event::closed);
  }
}

}  // namespace websocket_client_test
