#include "transport/http/http_tunnel.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/transport/errc.hpp"

namespace http_tunnel_test {

using namespace phyllo;
using namespace phyllo::transport;

namespace {

upgrade_reading reading(std::string_view text) { return read_upgrade_request(core::as_bytes(text)); }
auto upgrade_answer(std::string_view text) { return read_upgrade_answer(core::as_bytes(text)); }
auto connect_answer(std::string_view text) { return read_connect_answer(core::as_bytes(text)); }

}  // namespace

TEST_CASE("our request is read as wanted once its head is whole, and no byte after it is touched") {
  const auto request = print_upgrade_request(*endpoint::parse("192.0.2.1:80"));
  CHECK(request.find("host: 192.0.2.1\r\n") != std::string::npos);
  for (std::size_t n = 0; n < request.size(); ++n) CHECK(reading(request.substr(0, n)).what == upgrade_request::undecided);
  const auto whole = reading(request + "\x16\x03\x01");
  CHECK(whole.what == upgrade_request::wanted);
  CHECK(whole.head_bytes == request.size());
}

TEST_CASE("a port that is not HTTP's own, and IPv6, are named in the Host field") {
  CHECK(print_upgrade_request(*endpoint::parse("[2001:db8::1]:8080")).find("host: [2001:db8::1]:8080\r\n") != std::string::npos);
  CHECK(print_upgrade_request(*endpoint::parse("[2001:db8::1]:80")).find("host: [2001:db8::1]\r\n") != std::string::npos);
}

TEST_CASE("requests of others are told from ours by their first byte that differs") {
  CHECK(reading("GET /p").what == upgrade_request::undecided);
  CHECK(reading("GET /h").what == upgrade_request::other);
  CHECK(reading("POST /phyllo-reload").what == upgrade_request::other);
  CHECK(reading("GET /phyllo-reload HTTP/1.1\r\nhost: a\r\n\r\n").what == upgrade_request::other);
  CHECK(reading("GET /phyllo-reload HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n").what ==
        upgrade_request::other);
  CHECK(reading("GET /phyllo-reload HTTP/1.1\r\nhost: a\r\nUpgrade: Phyllo-Reload\r\nConnection: Upgrade\r\n\r\n").what ==
        upgrade_request::wanted);
  CHECK(reading("GET /phyllo-reload HTTP/1.1\r\nupgrade: phyllo-reload\r\nconnection: upgrade\r\ncontent-length: 5\r\n\r\n").what ==
        upgrade_request::other);
}

TEST_CASE("a head without end is another's") {
  std::string endless = "GET /phyllo-reload HTTP/1.1\r\n";
  while (endless.size() < tunnel_head_bytes_max) endless += "a: b\r\n";
  CHECK(reading(endless).what == upgrade_request::other);
}

TEST_CASE("the answer opens the tunnel, and what follows is left to TLS") {
  const auto answer = print_upgrade_answer();
  for (std::size_t n = 0; n < answer.size(); ++n) {
    const auto part = upgrade_answer(answer.substr(0, n));
    REQUIRE(part);
    CHECK_FALSE(*part);
  }
  CHECK(upgrade_answer(answer + "rest").value() == answer.size());
}

TEST_CASE("any other answer refuses, and its status is told") {
  const auto refused = upgrade_answer("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == errc::refused);
  CHECK(refused.error().message().find("404") != std::string::npos);
  CHECK(upgrade_answer("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n").error() == errc::refused);
  CHECK(upgrade_answer("SSH-2.0-x").error() == errc::malformed);
  CHECK(upgrade_answer("HTTP/1.1 \r\n\r\n").error() == errc::malformed);
  CHECK(upgrade_answer("HTTP/1.1 101 " + std::string(tunnel_head_bytes_max, 'a')).error() == errc::too_large);
}

TEST_CASE("a proxy is asked by CONNECT, with its password where one is set") {
  const http_proxy open{"proxy.example.com", 3128, {}, {}};
  CHECK(print_connect_request("192.0.2.1:443", open) == "CONNECT 192.0.2.1:443 HTTP/1.1\r\nhost: 192.0.2.1:443\r\n\r\n");
  const http_proxy closed{"proxy.example.com", 3128, "Aladdin:open sesame", {}};  // RFC 7617 s.2
  CHECK(print_connect_request("example.com:443", closed).find("proxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") !=
        std::string::npos);
}

TEST_CASE("any 2xx of a proxy opens the tunnel, whatever lengths it names; 407 says what is missing") {
  const std::string head = "HTTP/1.1 200 Connection established\r\ncontent-length: 7\r\n\r\n";
  CHECK(connect_answer(head + "tls").value() == head.size());
  CHECK(connect_answer("HTTP/1.0 200 OK\r\n\r\n").value() == 19);
  const auto refused = connect_answer("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  CHECK(refused.error() == errc::refused);
  CHECK(refused.error().message().find("password") != std::string::npos);
}

TEST_CASE("a proxy is written as a URL, with scheme and port at will") {
  const auto whole = http_proxy::parse("http://me:secret@proxy.example.com:8080/").value();
  CHECK(whole == http_proxy{"proxy.example.com", 8080, "me:secret", {}});
  CHECK(http_proxy::parse("192.0.2.9").value() == http_proxy{"192.0.2.9", 3128, {}, {}});
  CHECK(http_proxy::parse("[2001:db8::9]:3129").value() == http_proxy{"2001:db8::9", 3129, {}, {}});
  for (const auto* bad : {"", "socks5://192.0.2.9", "http://", "two words"}) {
    const auto parsed = http_proxy::parse(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == core::errc::malformed);
  }
}

}  // namespace http_tunnel_test
