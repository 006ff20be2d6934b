#include "transport/http/http_reader.hpp"

#include <doctest.h>

namespace http_reader_test {

using namespace phyllo;
using transport::http_reader;
using refusal = transport::http_reader::refusal;

namespace {

constexpr std::size_t header_max = 400;
constexpr std::size_t body_max = 20;

// What becomes of a request that comes in pieces of `step` bytes.
struct request_reader {
  http_reader r{HTTP_REQUEST, header_max, body_max};
  std::size_t taken = 0;

  explicit request_reader(std::string_view text, std::size_t step = 100'000) {
    for (std::size_t at = 0; at < text.size(); at += step) taken += r.feed(core::as_bytes(text.substr(at, step)));
  }
};

refusal refused(std::string_view text) { return request_reader(text).r.refused(); }

std::string padded_header(std::size_t size) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a request is read wherever it is torn, and what follows it is left") {
  const std::string whole = "POST /a?b=c HTTP/1.1\r\nHost: Example.com\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t step = 1; step <= whole.size(); ++step) {
    CAPTURE(step);
    request_reader read(whole + "GET / HTTP/1.1\r\n", step);
    REQUIRE(read.r.complete());
    CHECK(read.taken == whole.size());
    CHECK(read.r.keep_alive());
    const auto q = read.r.take_request();
    CHECK(q.method == "POST");
    CHECK(q.target == "/a?b=c");
    CHECK(q.headers.at("host") == "Example.com");
    CHECK(q.headers.at("x-two") == "1, 2");  // RFC 9110 s.5.3
    CHECK(q.body == "abc");
  }
}

TEST_CASE("a request that is cut short anywhere is not complete, and malformed at the end of its stream") {
  const std::string whole = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    request_reader read(std::string_view(whole).substr(0, n));
    CHECK_FALSE(read.r.complete());
    CHECK(read.r.refused() == refusal::none);
    CHECK(read.r.headers_complete() == (n >= whole.size() - 3));
    read.r.finish();
    CHECK(read.r.refused() == refusal::malformed);
  }
}

TEST_CASE("a header is read up to its bound, however it is torn, and no byte beyond it") {
  for (const std::size_t step : {1UL, 7UL, 100'000UL}) {
    CHECK(request_reader(padded_header(header_max), step).r.complete());
    request_reader more(padded_header(header_max + 1), step);
    CHECK(more.r.refused() == refusal::header_too_large);
    CHECK(more.taken <= header_max);
  }
}

TEST_CASE("many names are too large however short they are") {
  const auto with = [](std::size_t names) {
    http_reader r(HTTP_REQUEST, 100'000, body_max);
    std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (std::size_t i = 1; i < names; ++i) text += "x" + std::to_string(i) + ": y\r\n";
    r.feed(core::as_bytes(text + "\r\n"));
    return r.refused();
  };
  CHECK(with(http_reader::headers_max) == refusal::none);
  CHECK(with(http_reader::headers_max + 1) == refusal::header_too_large);
}

TEST_CASE("a body is bounded by what it says of itself, and in chunks as it comes") {
  const auto with_length = [](std::size_t n) { return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n"; };
  CHECK(refused(with_length(body_max)) == refusal::none);
  CHECK(refused(with_length(body_max + 1)) == refusal::body_too_large);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  request_reader fits(chunked + "a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", 3);
  REQUIRE(fits.r.complete());
  CHECK(fits.r.take_request().body == "01234567890123456789");
  CHECK(refused(chunked + "15\r\n012345678901234567890") == refusal::body_too_large);
}

TEST_CASE("what two servers might read differently is refused (RFC 9112 s.3.2, s.5.1, s.6.1)") {
  for (const auto* text : {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: h\r\nX y: z\r\n\r\n", "GET relative HTTP/1.1\r\nHost: h\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "nonsense\r\n\r\n"})
    CHECK_MESSAGE(refused(text) == refusal::malformed, std::string(text));
}

TEST_CASE("an absolute target names the host, whatever the field says (RFC 9112 s.3.2.2)") {
  request_reader read("GET http://a.example:8080/p?q HTTP/1.1\r\nHost: b.example\r\n\r\n");
  REQUIRE(read.r.complete());
  const auto q = read.r.take_request();
  CHECK(q.headers.at("host") == "a.example:8080");
  CHECK(q.target == "/p?q");
  CHECK(refused("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n") == refusal::none);
}

TEST_CASE("a connection is kept as its request says, and not where another protocol follows") {
  CHECK_FALSE(request_reader("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").r.keep_alive());
  CHECK_FALSE(request_reader("GET / HTTP/1.0\r\n\r\n").r.keep_alive());
  const request_reader upgrade("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes");
  CHECK(upgrade.r.complete());
  CHECK(upgrade.r.upgrade());
  CHECK_FALSE(upgrade.r.keep_alive());
}

TEST_CASE("an answer without a length ends with its connection, and one to HEAD has no body whatever it says") {
  http_reader open(HTTP_RESPONSE, header_max, body_max);
  open.feed(core::as_bytes("HTTP/1.1 200 OK\r\n\r\nall of it"));
  CHECK_FALSE(open.complete());
  open.finish();
  REQUIRE(open.complete());
  CHECK(open.take_response().body == "all of it");
  http_reader head(HTTP_RESPONSE, header_max, body_max);
  head.expect_no_body();
  head.feed(core::as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"));
  REQUIRE(head.complete());
  CHECK(head.header("content-length") == "999999");
  CHECK(head.header("none") == "");
  CHECK(head.take_response().status == 200);
}

TEST_CASE("nothing is read after a message is complete or refused") {
  request_reader done("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(done.r.feed(core::as_bytes("GET / HTTP/1.1\r\n")) == 0);
  request_reader broken("nonsense\r\n\r\n");
  CHECK(broken.r.feed(core::as_bytes("GET / HTTP/1.1\r\n")) == 0);
  broken.r.finish();
  CHECK(broken.r.refused() == refusal::malformed);
}

}  // namespace http_reader_test
