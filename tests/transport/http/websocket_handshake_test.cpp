#include <doctest.h>

#include "phyllo/transport/websocket.hpp"

namespace websocket_handshake_test {

using namespace phyllo;

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

TEST_CASE("lists and blanks in the fields of a handshake are read as HTTP has them") {
  CHECK(status_without("connection", "keep-alive,\tUPGRADE ") == 101);
  CHECK(status_without("connection", "upgraded") == 400);
  CHECK(status_without("sec-websocket-protocol", "  SIP") == 101);
  CHECK(status_without("sec-websocket-protocol", "sip2, sipx") == 400);
  CHECK(status_without("sec-websocket-version", " 13 ") == 101);
  CHECK(status_without("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZXM=") == 400);  // 17 octets
  transport::http_request r;
  r.headers["upgrade"] = "h2c, WebSocket";
  CHECK(transport::asks_for_websocket(r));
  r.headers["upgrade"] = "websockets";
  CHECK_FALSE(transport::asks_for_websocket(r));
}

TEST_CASE("who speaks another version is told ours (RFC 6455 s.4.4), and a refusal bears no word of acceptance") {
  auto r = opening();
  r.headers["sec-websocket-version"] = "14";
  const auto answer = transport::answer_websocket(r, for_sip());
  CHECK(answer.headers.at("sec-websocket-version") == "13");
  CHECK_FALSE(answer.headers.contains("sec-websocket-accept"));
}

}  // namespace websocket_handshake_test
