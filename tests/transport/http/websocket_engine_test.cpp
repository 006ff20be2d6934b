#include "transport/http/websocket_engine.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "support/websocket_frames.hpp"

namespace websocket_engine_test {

using namespace phyllo;
using testing::client_frame;

TEST_CASE("messages come whole, however frames are torn and fragmented; a ping is answered between them") {
  core::bytes all = client_frame(testing::text_frame, "Hello");
  core::append(all, client_frame(testing::text_frame, "frag", false));
  core::append(all, client_frame(testing::ping_frame, "p"));
  core::append(all, client_frame(0, "mented"));
  core::append(all, client_frame(testing::text_frame, std::string(3000, 'x')));
  for (const std::size_t step : {1UL, 7UL, 100'000UL}) {
    transport::websocket_engine e(65536);
    std::vector<std::string> got;
    for (std::size_t at = 0; at < all.size(); at += step) {
      CHECK(e.feed(core::byte_view(all).subspan(at, std::min(step, all.size() - at))));
      while (e.has_message()) got.push_back(e.take_message());
    }
    CHECK(got == std::vector<std::string>{"Hello", "fragmented", std::string(3000, 'x')});
    auto out = e.take_output();
    const auto pong = testing::take_frame(out);
    REQUIRE(pong);
    CHECK(pong->opcode == testing::pong_frame);
    CHECK(pong->payload == "p");
  }
}

TEST_CASE("what breaks the protocol ends it with a word of why") {
  const std::vector<core::bytes> wrong{
      *core::from_hex("810548656c6c6f"),                        // not masked
      *core::from_hex("c18537fa213d7f9f4d5158"),                // a reserved bit
      client_frame(testing::text_frame, "\xff\xfe"),            // no UTF-8
      client_frame(testing::text_frame, std::string(200, 'x'))  // too large
  };
  for (const auto& bytes : wrong) {
    transport::websocket_engine e(100);
    CHECK(e.feed(bytes).error() == transport::errc::closed);
    CHECK_FALSE(e.has_message());
    auto out = e.take_output();
    CHECK(testing::take_frame(out).value().opcode == testing::close_frame);
  }
}

TEST_CASE("frames that no client may send are answered by 1002") {
  const std::string protocol_error = "\x03\xea";
  const std::vector<core::bytes> wrong{
      *core::from_hex("810548656c6c6f"),          // not masked
      *core::from_hex("c18537fa213d7f9f4d5158"),  // a reserved bit
      *core::from_hex("838537fa213d7f9f4d5158"),  // an opcode that is reserved
      client_frame(0, "continues nothing"),
      client_frame(testing::ping_frame, "in pieces", false),
      client_frame(testing::ping_frame, std::string(126, 'x')),
      client_frame(testing::close_frame, "\x03"),  // half a code
  };
  for (const auto& bytes : wrong) {
    transport::websocket_engine e(1000);
    CHECK(e.feed(bytes).error() == transport::errc::closed);
    auto out = e.take_output();
    const auto frame = testing::take_frame(out);
    REQUIRE(frame.has_value());
    CHECK(frame->opcode == testing::close_frame);
    CHECK(frame->payload.starts_with(protocol_error));
  }
}

TEST_CASE("a close is answered, and nothing is read after it") {
  transport::websocket_engine e(100);
  CHECK_FALSE(e.feed(client_frame(testing::close_frame, "\x03\xe8")));
  auto out = e.take_output();
  CHECK(testing::take_frame(out).value().opcode == testing::close_frame);
  e.send(core::as_bytes("late"));
  CHECK(e.take_output().empty());
}

TEST_CASE("a message has its length written in the shortest form, and no mask (RFC 6455 s.5.1, s.5.2)") {
  for (const auto& [size, head] :
       {std::pair<std::size_t, const char*>(0, "8100"), std::pair<std::size_t, const char*>(5, "8105"),
        std::pair<std::size_t, const char*>(125, "817d"), std::pair<std::size_t, const char*>(126, "817e007e"),
        std::pair<std::size_t, const char*>(65535, "817effff"), std::pair<std::size_t, const char*>(65536, "817f0000000000010000")}) {
    transport::websocket_engine e(100);
    e.send(core::as_bytes(std::string(size, 'x')));
    const auto out = e.take_output();
    const auto octets = std::string_view(head).size() / 2;
    REQUIRE(out.size() == octets + size);
    CHECK(core::to_hex(core::byte_view(out).first(octets)) == head);
    CHECK(e.take_output().empty());
  }
}

TEST_CASE("what has begun and is not complete is counted with its frames, and no more once it is") {
  transport::websocket_engine e(1000);
  CHECK(e.unfinished() == 0);
  REQUIRE(e.feed(client_frame(testing::text_frame, std::string(100, 'x'), false)));
  const auto one = e.unfinished();
  CHECK(one > 100);
  REQUIRE(e.feed(client_frame(0, "", false)));
  CHECK(e.unfinished() > one);  // an empty frame costs too
  REQUIRE(e.feed(client_frame(testing::ping_frame, "p")));
  REQUIRE(e.feed(client_frame(0, "end")));
  CHECK(e.unfinished() == 0);
  CHECK(e.take_message() == std::string(100, 'x') + "end");
}

TEST_CASE("a message of just the most that is taken passes, also in pieces, and one octet more does not") {
  transport::websocket_engine whole(100);
  CHECK(whole.feed(client_frame(testing::text_frame, std::string(100, 'x'))));
  transport::websocket_engine pieces(100);
  CHECK(pieces.feed(client_frame(testing::text_frame, std::string(60, 'x'), false)));
  CHECK(pieces.feed(client_frame(0, std::string(41, 'x'))).error() == transport::errc::closed);
  auto out = pieces.take_output();
  CHECK(testing::take_frame(out)->payload.starts_with("\x03\xf1"));  // 1009: too big
}

TEST_CASE("the word of closing is said once") {
  transport::websocket_engine e(100);
  e.close();
  auto out = e.take_output();
  const auto said = testing::take_frame(out);
  REQUIRE(said);
  CHECK(said->opcode == testing::close_frame);
  CHECK(said->payload == "\x03\xe8");
  e.close();
  CHECK(e.take_output().empty());
}

}  // namespace websocket_engine_test
