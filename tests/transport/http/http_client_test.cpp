#include <doctest.h>

#include "memory_stream.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/http.hpp"
#include "support/simulated_world.hpp"

namespace http_client_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::result<transport::http_response> ask(const std::string& answer, std::string* sent = nullptr, const std::string& method = "GET") {
  testing::simulated_world world;
  std::string written;
  testing::memory_stream s(world.env(), written);
  s.incoming.push(answer);
  s.incoming.close();
  core::result<transport::http_response> out = core::fail(core::errc::invalid);
  const auto run = [](core::environment& env, transport::stream& to, std::string m,
                      core::result<transport::http_response>& into) -> core::awaitable<void> {
    transport::http_request r;
    r.method = std::move(m);
    r.target = "/x";
    r.body = "body";
    into = co_await transport::request_http(to, "example.com", std::move(r), env.now() + 5s);
  };
  world.run(run(world.env(), s, method, out));
  if (sent != nullptr) *sent = written;
  return out;
}

}  // namespace

TEST_CASE("the client reads answers with a length, in chunks, and to the end of the connection") {
  std::string sent;
  CHECK(ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", &sent).value().body == "hi");
  CHECK(sent == "GET /x HTTP/1.1\r\nhost: example.com\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody");
  CHECK(ask("HTTP/1.1 403 F\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n").value().status == 403);
  CHECK(ask("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall of it").value().body == "all of it");
  CHECK(ask("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", nullptr, "HEAD").value().body.empty());
}

TEST_CASE("the client names what is wrong with an answer") {
  CHECK(ask("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi").error() == transport::errc::closed);
  CHECK(ask("220 smtp ready\r\n").error() == transport::errc::malformed);
  CHECK(ask("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").error() == transport::errc::too_large);
}

}  // namespace http_client_test
