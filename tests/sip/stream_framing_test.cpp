#include "sip/stream_framing.hpp"

#include <doctest.h>

#include <vector>

namespace stream_framing_test {

using namespace phyllo;
using sip::stream_framing;
using event = stream_framing::event;

namespace {

const std::string small = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP b;branch=z9hG4bKx\r\nContent-Length: 4\r\n\r\nbody";

std::vector<std::string> messages(const std::string& stream, std::size_t piece) {
  stream_framing f;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    f.feed(core::as_bytes(std::string_view(stream).substr(at, piece)));
    for (auto frame = f.next(); frame.what != event::need_more; frame = f.next()) {
      REQUIRE(frame.what != event::broken);
      if (frame.what == event::message) out.emplace_back(frame.text);
    }
  }
  return out;
}

event outcome(const std::string& stream) {
  stream_framing f;
  f.feed(core::as_bytes(stream));
  return f.next().what;
}

}  // namespace

TEST_CASE("messages come out whole however the stream was cut") {
  for (std::size_t piece = 1; piece < 2 * small.size(); ++piece)
    CHECK(messages(small + "\r\n\r\n" + small + small, piece) == std::vector<std::string>{small, small, small});
}

TEST_CASE("a double CRLF is a ping, a single one a pong") {
  stream_framing f;
  f.feed(core::as_bytes("\r\n"));
  CHECK(f.next().what == event::need_more);
  f.feed(core::as_bytes("\r\n"));
  CHECK(f.next().what == event::ping);
  f.feed(core::as_bytes("\r\n" + small));
  CHECK(f.next().what == event::pong);
  CHECK(f.next().text == small);
  CHECK(f.next().what == event::need_more);
}

TEST_CASE("a stream that can not be cut is broken") {
  CHECK(outcome("OPTIONS sip:a SIP/2.0\r\nVia: b\r\n\r\n") == event::broken);
  CHECK(outcome("OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n") == event::broken);
  CHECK(outcome("OPTIONS sip:a SIP/2.0\r\nA: b\nContent-Length: 0\r\n\r\n") == event::broken);
  CHECK(outcome("\rOPTIONS") == event::broken);
}

TEST_CASE("a message of more than 64 KiB is told from one that can not be cut") {
  CHECK(outcome("OPTIONS sip:a SIP/2.0\r\nContent-Length: 65530\r\n\r\n") == event::too_large);
}

TEST_CASE("a header without end is broken off at 16 KiB") {
  stream_framing f;
  f.feed(core::as_bytes("OPTIONS sip:a SIP/2.0\r\n"));
  std::size_t fed = 23;
  const std::string line = "X: " + std::string(95, 'y') + "\r\n";
  auto frame = f.next();
  while (frame.what == event::need_more && fed < 32 * 1024) {
    f.feed(core::as_bytes(line));
    fed += line.size();
    frame = f.next();
  }
  CHECK(frame.what == event::too_large);
  CHECK(frame.text.starts_with("OPTIONS sip:a SIP/2.0\r\n"));
  CHECK(fed <= 16 * 1024 + line.size());
}

TEST_CASE("only the beginning of a message counts as being within one") {
  stream_framing f;
  f.feed(core::as_bytes("\r\n"));
  CHECK(f.next().what == event::need_more);
  CHECK_FALSE(f.within_message());
  f.feed(core::as_bytes("OPT"));
  CHECK(f.next().what == event::pong);
  CHECK(f.next().what == event::need_more);
  CHECK(f.within_message());
}

}  // namespace stream_framing_test
