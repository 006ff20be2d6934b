#include "transport/port/port_sharing.hpp"

#include <doctest.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/ip/v6_only.hpp>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/transport/errc.hpp"

namespace port_sharing_test {

using namespace phyllo;
using asio::ip::tcp;
using asio::ip::udp;
using transport::port_use;

namespace {

constexpr unsigned shards = 4;
const transport::steering by(shards, 0x9E3779B1, 0x85EBCA77);

// As many sockets on one port as there are shards, in the order of the shards.
template <class Protocol, class Socket>
struct shared_sockets {
  asio::io_context io;
  typename Protocol::endpoint at;
  std::vector<Socket> all;

  explicit shared_sockets(const char* address, bool v6_only = false) {
    at = {asio::ip::make_address(address), 0};
    for (unsigned i = 0; i < shards; ++i) {
      auto& s = all.emplace_back(io);
      s.open(at.protocol());
      if (v6_only) s.set_option(asio::ip::v6_only(true));
      transport::share_port(s.native_handle());
      s.bind(at);
      s.non_blocking(true);
      at = s.local_endpoint();
    }
  }
};

using datagram_sockets = shared_sockets<udp, udp::socket>;
using listening_sockets = shared_sockets<tcp, tcp::acceptor>;

// Which of them got it; -1: none.
int taker(datagram_sockets& s, const char* from, const std::string& text) {
  udp::socket sender(s.io, udp::endpoint(asio::ip::make_address(from), 0));
  sender.send_to(asio::buffer(text), s.at);
  int got = -1;
  for (unsigned i = 0; i < shards; ++i) {
    std::array<char, 64> buffer{};
    udp::endpoint who;
    asio::error_code ec;
    s.all[i].receive_from(asio::buffer(buffer), who, 0, ec);
    if (!ec) got = static_cast<int>(i);
  }
  return got;
}

int acceptor_of(listening_sockets& s, const std::string& from) {
  tcp::socket c(s.io);
  c.open(tcp::v4());
  c.bind(tcp::endpoint(asio::ip::make_address(from), 0));
  c.connect(s.at);
  int got = -1;
  for (unsigned i = 0; i < shards; ++i) {
    asio::error_code ec;
    tcp::socket accepted(s.io);
    s.all[i].accept(accepted, ec);
    if (!ec) got = static_cast<int>(i);
  }
  return got;
}

int expected(const std::string& from) { return static_cast<int>(by.shard_of(asio::ip::make_address(from))); }

}  // namespace

TEST_CASE("the kernel gives SIP's datagrams to the shard of their address, whatever the port, and all others to the first") {
  datagram_sockets s("127.0.0.1");
  REQUIRE(transport::steer_port(s.all[0].native_handle(), false, port_use::datagrams, by));
  for (int i = 1; i < 40; ++i) {
    const auto from = "127.0.0." + std::to_string(i);
    for (const auto* text :
         {"INVITE sip:a@b SIP/2.0", "SIP/2.0 200 OK", "\r\n\r\n", "OPTIONS sip:b SIP/2.0", "ACK", "BYE", "Message", "message"})
      CHECK(taker(s, from.c_str(), text) == expected(from));
    CHECK(taker(s, from.c_str(), std::string("\x00\x01\x00\x00", 4)) == 0);  // STUN
    CHECK(taker(s, from.c_str(), "\x16\xfe\xfd") == 0);                      // DTLS
    CHECK(taker(s, from.c_str(), "\x3f") == 0);
    CHECK(taker(s, from.c_str(), std::string("\x40\x01\x00\x04text", 8)) == 0);  // TURN channels
    CHECK(taker(s, from.c_str(), std::string("\x4f\x7b\x00\x04text", 8)) == 0);
    CHECK(taker(s, from.c_str(), "") == 0);
  }
}

TEST_CASE("of IPv6 too") {
  datagram_sockets s("::1", true);
  REQUIRE(transport::steer_port(s.all[0].native_handle(), true, port_use::datagrams, by));
  for (int i = 0; i < 5; ++i) CHECK(taker(s, "::1", "INVITE") == expected("::1"));
  CHECK(taker(s, "::1", "\x16") == 0);
}

TEST_CASE("connections are for the shard of their address, from the first segment on") {
  listening_sockets s("127.0.0.1");
  for (auto& a : s.all) a.listen(16);
  REQUIRE(transport::steer_port(s.all[0].native_handle(), false, port_use::streams, by));
  for (int i = 1; i < 40; ++i) {
    const auto from = "127.0.0." + std::to_string(i);
    CHECK(acceptor_of(s, from) == expected(from));
  }
}

TEST_CASE("until it is steered otherwise all goes to the first") {
  datagram_sockets s("127.0.0.1");
  REQUIRE(transport::steer_port(s.all[0].native_handle(), false, port_use::datagrams, transport::steering()));
  for (int i = 1; i < 40; ++i) CHECK(taker(s, ("127.0.0." + std::to_string(i)).c_str(), "INVITE") == 0);
}

TEST_CASE("a port that others share among themselves is not free") {
  datagram_sockets s("127.0.0.1");
  const auto taken = transport::check_free({s.at.address(), s.at.port()}, port_use::datagrams);
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == transport::errc::address_in_use);
  listening_sockets l("127.0.0.1");
  for (auto& a : l.all) a.listen(16);
  CHECK_FALSE(transport::check_free({l.at.address(), l.at.port()}, port_use::streams));
  const auto port = l.at.port();
  l.all.clear();
  CHECK(transport::check_free({l.at.address(), port}, port_use::streams));
}

}  // namespace port_sharing_test
