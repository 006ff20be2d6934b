#include "phyllo/transport/websocket.hpp"

#include <doctest.h>

#include "memory_stream.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"
#include "support/websocket_frames.hpp"

namespace websocket_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::client_frame;

namespace {

transport::websocket_options for_sip(std::vector<std::string> origins = {}) {
  transport::websocket_options o;
  o.protocol = "sip";
  o.origins = std::move(origins);
  return o;
}

}  // namespace

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
