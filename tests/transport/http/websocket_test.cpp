#include "phyllo/transport/websocket.hpp"

#include <doctest.h>

#include "memory_stream.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"
#include "support/websocket_frames.hpp"
#include "transport/http/websocket_engine.hpp"

namespace websocket_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::client_frame;

namespace {

transport::http_request opening() {
  transport::http_request r;
  r.headers = {{"upgrade", "websocket"},
               {"connection", "Upgrade"},
               {"sec-websocket-version", "13"},
               {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
               {"sec-websocket-protocol", "chat, sip"}};
  return r;
}

transport::websocket_options for_sip(std::vector<std::string> origins = {}) {
  transport::websocket_options o;
  o.protocol = "sip";
  o.origins = std::move(origins);
  return o;
}

int status_without(const char* header, std::string instead = {}) {
  auto r = opening();
  r.headers.erase(header);
  if (!instead.empty()) r.headers[header] = std::move(instead);
  return transport::answer_websocket(r, for_sip()).status;
}

}  // namespace

TEST_CASE("the opening handshake of RFC 6455 s.1.3 is answered as it says there") {
  const auto answer = transport::answer_websocket(opening(), for_sip());
  CHECK(answer.status == 101);
  CHECK(answer.headers.at("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(answer.headers.at("sec-websocket-protocol") == "sip");
  CHECK(transport::asks_for_websocket(opening()));
  CHECK_FALSE(transport::asks_for_websocket({}));
}

TEST_CASE("a handshake that lacks something is refused, and says what") {
  CHECK(status_without("connection") == 400);
  CHECK(status_without("sec-websocket-version", "8") == 426);
  CHECK(status_without("sec-websocket-key") == 400);
  CHECK(status_without("sec-websocket-key", "dGhlIHNhbXBsZQ==") == 400);
  CHECK(status_without("sec-websocket-protocol", "chat") == 400);
  auto posted = opening();
  posted.method = "POST";
  CHECK(transport::answer_websocket(posted, for_sip()).status == 400);
}

TEST_CASE("pages of other origins are kept out where origins are named, programs are not") {
  auto r = opening();
  const auto o = for_sip({"https://phone.example.com"});
  CHECK(transport::answer_websocket(r, o).status == 101);
  r.headers["origin"] = "https://phone.example.com";
  CHECK(transport::answer_websocket(r, o).status == 101);
  r.headers["origin"] = "https://evil.example.net";
  CHECK(transport::answer_websocket(r, o).status == 403);
  CHECK(transport::answer_websocket(r, for_sip()).status == 101);
}

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

TEST_CASE("an HTTP connection becomes a WebSocket, with what the client sent ahead") {
  testing::simulated_world world;
  std::string written;
  auto s = std::make_unique<testing::memory_stream>(world.env(), written);
  auto& peer = *s;
  peer.incoming.push(testing::websocket_request() + std::string(core::as_text(client_frame(testing::text_frame, "ahead"))));
  const transport::http_handler none = [](transport::http_request) -> core::awaitable<transport::http_response> {
    co_return transport::http_response();
  };
  std::unique_ptr<transport::websocket> taken;
  const transport::http_upgrader upgrader = [&](const transport::http_request& r) -> std::optional<transport::http_upgrade> {
    CHECK(r.path() == "/ws");
    return transport::http_upgrade{transport::answer_websocket(r, for_sip()), [&](std::unique_ptr<transport::stream> on) {
                                     taken = transport::websocket::over(world.env(), std::move(on), for_sip());
                                   }};
  };
  world.run(transport::serve_http(world.env(), std::move(s), none, {}, &upgrader));
  REQUIRE(taken);
  CHECK(written.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(written.find("connection: upgrade\r\n") != std::string::npos);
  written.clear();
  const auto talk = [](core::environment& env, transport::websocket& w) -> core::awaitable<void> {
    const auto first = co_await w.receive(env.now() + 1s);
    CHECK(first.value() == "ahead");
    const auto nothing = co_await w.receive(env.now() + 1s);
    CHECK(nothing.error() == transport::errc::timed_out);
    const auto sent = co_await w.send(core::as_bytes("answer"), env.now() + 1s);
    CHECK(sent);
  };
  world.run(talk(world.env(), *taken));
  auto bytes = core::to_bytes(written);
  CHECK(testing::take_frame(bytes).value().payload == "answer");
}

TEST_CASE("a peer that pings and reads nothing is given up before its answers fill the memory") {
  testing::simulated_world world;
  std::string written;
  auto s = std::make_unique<testing::memory_stream>(world.env(), written);
  s->unread = true;
  const auto ping = std::string(core::as_text(client_frame(testing::ping_frame, std::string(125, 'p'))));
  for (int i = 0; i < 1000; ++i) s->incoming.push(ping);
  auto o = for_sip();
  o.unsent_bytes_max = 10'000;
  const auto w = transport::websocket::over(world.env(), std::move(s), o);
  core::task_scope scope(world.env());
  const auto say = [](core::environment& env, transport::websocket& to) -> core::awaitable<void> {
    const auto sent = co_await to.send(core::as_bytes("never read"), env.now() + 60s);
    CHECK(sent.error() == transport::errc::timed_out);
  };
  scope.spawn(say(world.env(), *w));
  const auto listen = [](core::environment& env, transport::websocket& to) -> core::awaitable<void> {
    const auto got = co_await to.receive(env.now() + 30s);
    CHECK(got.error() == transport::errc::overloaded);
  };
  world.run(listen(world.env(), *w));
  const auto end = [](core::task_scope& all) -> core::awaitable<void> { co_await all.join(); };
  world.run(end(scope));
}

TEST_CASE("a refused upgrade is answered, and the connection closes") {
  testing::simulated_world world;
  std::string written;
  auto s = std::make_unique<testing::memory_stream>(world.env(), written);
  s->incoming.push(testing::websocket_request("https://evil.example.net"));
  const transport::http_handler none = [](transport::http_request) -> core::awaitable<transport::http_response> {
    co_return transport::http_response();
  };
  const transport::http_upgrader upgrader = [](const transport::http_request& r) -> std::optional<transport::http_upgrade> {
    return transport::http_upgrade{transport::answer_websocket(r, for_sip({"https://phone.example.com"})), nullptr};
  };
  world.run(transport::serve_http(world.env(), std::move(s), none, {}, &upgrader));
  CHECK(written.starts_with("HTTP/1.1 403 "));
}

}  // namespace websocket_test
