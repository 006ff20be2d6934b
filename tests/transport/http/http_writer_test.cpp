#include "transport/http/http_writer.hpp"

#include <doctest.h>

namespace http_writer_test {

using namespace phyllo;
using transport::print_request;
using transport::print_response;

TEST_CASE("an answer has its status line, its fields, its length and its body") {
  transport::http_response r{404, {{"content-type", "text/plain"}}, "none\n"};
  CHECK(print_response(r, true, false) ==
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\nnone\n");
  CHECK(print_response(r, false, true) ==
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nconnection: close\r\n\r\n");
  r.status = 799;
  CHECK(print_response(r, true, false).starts_with("HTTP/1.1 799 Unknown\r\n"));
}

TEST_CASE("statuses that have no body have none, nor a length of one (RFC 9110 s.8.6)") {
  for (const int status : {100, 204, 304}) {
    CAPTURE(status);
    const auto text = print_response({status, {}, "body"}, true, false);
    CHECK(text.find("content-length") == std::string::npos);
    CHECK(text.ends_with("\r\n\r\n"));
  }
  CHECK(print_response({101, {{"upgrade", "websocket"}}, ""}, true, false) ==
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
}

TEST_CASE("what is ours to say nobody else says, and no field breaks into another") {
  const std::map<std::string, std::string> fields{{"content-length", "99"}, {"connection", "x"},    {"transfer-encoding", "chunked"},
                                                  {"host", "evil"},         {"x-good", "yes"},      {"x-evil", "a\r\nset-cookie: b"},
                                                  {"x-lf", "a\nb"},         {"x-nul", {"a\0b", 3}}, {"x\r\ny", "z"}};
  CHECK(print_response({200, fields, ""}, true, false) ==
        "HTTP/1.1 200 OK\r\nx-good: yes\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
  transport::http_request q;
  q.headers = fields;
  CHECK(print_request(q, "h") == "GET / HTTP/1.1\r\nhost: h\r\nx-good: yes\r\nconnection: close\r\n\r\n");
}

TEST_CASE("a request has a length where it has a body, or might") {
  transport::http_request q;
  q.target = "";
  CHECK(print_request(q, "h:80") == "GET / HTTP/1.1\r\nhost: h:80\r\nconnection: close\r\n\r\n");
  for (const auto* method : {"POST", "PUT"}) {
    q.method = method;
    CHECK(print_request(q, "h").find("\r\ncontent-length: 0\r\n") != std::string::npos);
  }
  q.method = "DELETE";
  q.body = "abc";
  CHECK(print_request(q, "h").ends_with("\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc"));
}

}  // namespace http_writer_test
