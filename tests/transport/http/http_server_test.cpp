#include "phyllo/transport/http.hpp"

#include <doctest.h>

#include "memory_stream.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/http_date.hpp"
#include "support/simulated_world.hpp"

namespace http_server_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<transport::http_response> echo(transport::http_request r) {
  transport::http_response out;
  out.headers["content-type"] = "text/plain";
  out.headers["x-evil"] = "a\r\nset-cookie: b";
  out.body = r.method + " " + r.path() + " q=" + r.query("q") + " " + r.body;
  co_return out;
}

core::awaitable<void> say(core::environment& env, testing::memory_stream& s, core::duration after, std::string text, bool end) {
  co_await core::sleep_for(env, after);
  s.incoming.push(std::move(text));
  if (end) s.incoming.close();
}

// What the server answers to `parts`, each sent `pause` after the one before.
std::string answers_to(const std::vector<std::string>& parts, transport::http_limits limits = {}, core::duration pause = 10ms,
                       bool end = true) {
  testing::simulated_world world;
  std::string written;
  auto s = std::make_unique<testing::memory_stream>(world.env(), written);
  core::task_scope scope(world.env());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    scope.spawn(say(world.env(), *s, pause * static_cast<int>(i + 1), parts[i], end && i + 1 == parts.size()));
  }
  const transport::http_handler handler = echo;
  world.run(transport::serve_http(world.env(), std::move(s), handler, limits));
  scope.cancel();  // what was not said yet
  world.run(scope.join());
  return written;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a request is answered and the connection kept") {
  const auto out = answers_to({"GET /a?q=1%202+3 HTTP/1.1\r\nHost: h\r\n\r\n"});
  CHECK(has(out, "HTTP/1.1 200 OK\r\n"));
  CHECK(has(out, "connection: keep-alive\r\n"));
  CHECK(has(out, "GET /a q=1 2 3 "));
  CHECK_FALSE(has(out, "set-cookie"));
}

TEST_CASE("pipelined requests are answered in their order") {
  const auto out = answers_to({"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\noneGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGE",
                               "T /3 HTTP/1.1\r\nHost: h\r\n\r\n"});
  CHECK(count(out, "HTTP/1.1 200 OK") == 3);
  CHECK(out.find("POST /1 q= one") < out.find("GET /2"));
  CHECK(out.find("GET /2") < out.find("GET /3"));
}

TEST_CASE("who pipelines without end rests after each turn's worth of requests") {
  testing::simulated_world world;
  std::string written;
  int rests = 0;
  auto s = std::make_unique<testing::memory_stream>(world.env(), written);
  s->rests = &rests;
  constexpr int requests = 3 * static_cast<int>(core::turn::steps_max);
  std::string all;
  for (int i = 0; i < requests; ++i) all += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  s->incoming.push(std::move(all));
  s->incoming.close();
  const transport::http_handler handler = echo;
  world.run(transport::serve_http(world.env(), std::move(s), handler, {}));
  CHECK(count(written, "HTTP/1.1 200 OK") == requests);
  CHECK(rests >= 3);  // more on a slow machine, where time ends turns
}

TEST_CASE("a chunked body is put together") {
  const auto out = answers_to({"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "2\r\nde\r\n0\r\n\r\n"});
  CHECK(has(out, "POST / q= abcde"));
}

TEST_CASE("a slow header is cut off with 408") {
  std::vector<std::string> drops{"GET / HTTP/1.1\r\n"};
  for (int i = 0; i < 30; ++i) drops.push_back("a");
  const auto out = answers_to(drops, {}, 1s);
  CHECK(has(out, "HTTP/1.1 408 "));
  CHECK(count(out, "HTTP/1.1") == 1);
}

TEST_CASE("an idle connection is closed without a word") { CHECK(answers_to({}, {}, 10ms, false).empty()); }

TEST_CASE("oversized headers and bodies are refused before they are read") {
  transport::http_limits limits;
  limits.header_bytes_max = 256;
  limits.body_bytes_max = 16;
  CHECK(has(answers_to({"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(400, 'x')}, limits), "HTTP/1.1 431 "));
  CHECK(has(answers_to({"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n"}, limits), "HTTP/1.1 413 "));
  CHECK(has(answers_to({"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + std::string(32, 'x')}, limits),
            "HTTP/1.1 413 "));
  CHECK(has(answers_to({"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n" + std::string(16, 'x')}, limits), "HTTP/1.1 200 "));
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200; ++i) many += "x" + std::to_string(i) + ": y\r\n";
  CHECK(has(answers_to({many + "\r\n"}), "HTTP/1.1 431 "));
}

TEST_CASE("what is not HTTP, or names no host, is refused") {
  CHECK(has(answers_to({"nonsense\r\n\r\n"}), "HTTP/1.1 400 "));
  CHECK(has(answers_to({"GET / HTTP/1.1\r\n\r\n"}), "HTTP/1.1 400 "));
  CHECK(has(answers_to({"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}), "HTTP/1.1 400 "));
}

TEST_CASE("a field name with white space after it, and two hosts, are refused: another server in front may read them otherwise") {
  CHECK(has(answers_to({"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"}), "HTTP/1.1 400 "));
  CHECK(has(answers_to({"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}), "HTTP/1.1 400 "));
  CHECK(has(answers_to({"GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n"}), "HTTP/1.1 400 "));
}

TEST_CASE("HTTP/1.0 needs no host, as a load balancer's check has it") {
  CHECK(has(answers_to({"GET /healthz HTTP/1.0\r\n\r\n"}), "GET /healthz q="));
}

TEST_CASE("the absolute form is answered as the path in it") {
  CHECK(has(answers_to({"GET http://example.com:8080/a?q=1 HTTP/1.1\r\nHost: other\r\n\r\n"}), "GET /a q=1"));
  CHECK(has(answers_to({"GET http://example.com HTTP/1.1\r\nHost: example.com\r\n\r\n"}), "GET / q="));
}

TEST_CASE("a client that waits for it is told to continue") {
  const auto out = answers_to({"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", "ab"});
  CHECK(out.find("HTTP/1.1 100 Continue\r\n\r\n") == 0);
  CHECK(has(out, "POST / q= ab"));
}

TEST_CASE("the answer to HEAD has a length and no body") {
  const auto out = answers_to({"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"});
  CHECK(has(out, "content-length: 11\r\n"));
  CHECK(out.ends_with("\r\n\r\n"));
}

TEST_CASE("every answer but an interim one is dated (RFC 9110 s.6.6.1)") {
  const auto dated = [](const std::string& text) {
    return count(text, "date: " + transport::print_http_date(testing::simulated_world().env().wall_now()));
  };
  CHECK(dated(answers_to({"GET / HTTP/1.1\r\nhost: x\r\n\r\n"})) == 1);
  const auto refused = answers_to({"GET / HTTP/1.1\r\n\r\n"});
  CHECK(has(refused, "HTTP/1.1 400"));
  CHECK(dated(refused) == 1);
  const auto encouraged = answers_to({"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n", "a"});
  CHECK(has(encouraged, "100 Continue"));
  CHECK(dated(encouraged) == 1);
}

}  // namespace http_server_test
