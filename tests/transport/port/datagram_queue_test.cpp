#include "transport/port/datagram_queue.hpp"

#include <doctest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <string>
#include <vector>

namespace datagram_queue_test {

using namespace phyllo;
using udp = asio::ip::udp;

namespace {

struct socket_pair {
  asio::io_context io;
  udp::socket from{io, udp::endpoint(asio::ip::make_address_v4("127.20.61.1"), 0)};
  udp::socket to{io, udp::endpoint(asio::ip::make_address_v4("127.20.61.2"), 0)};

  socket_pair() { from.non_blocking(true); }
  [[nodiscard]] transport::endpoint target() const { return {to.local_endpoint().address(), to.local_endpoint().port()}; }
  // What has arrived: loopback delivers before the sender's call returns.
  [[nodiscard]] std::vector<std::string> arrived() {
    std::vector<std::string> out;
    std::string buffer(65536, '\0');
    while (true) {  // ends when it is empty
      const auto n = ::recv(to.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (n < 0) return out;
      out.emplace_back(buffer, 0, static_cast<std::size_t>(n));
    }
  }
};

std::string text(std::size_t size, char first) {
  std::string out(size, '.');
  if (size > 0) out[0] = first;
  return out;
}

}  // namespace

TEST_CASE("what was pushed goes whole and in its order, whatever runs the kernel is given") {
  socket_pair sockets;
  transport::datagram_queue queue;
  std::vector<std::string> sent;
  for (const std::size_t size : {300U, 300U, 300U, 200U, 200U, 500U, 0U, 0U, 1232U, 1232U, 1233U, 1233U, 10U})
    sent.push_back(text(size, static_cast<char>('a' + sent.size())));
  for (const auto& s : sent) queue.push(sockets.target(), core::as_bytes(s));
  CHECK(queue.messages() == 9);  // 300 300 300 200, 200, 500, two empty ones, 1232 1232, 1233, 1233, 10
  const auto outcome = queue.flush(sockets.from.native_handle());
  CHECK(outcome.unsent == 0);
  CHECK_FALSE(outcome.error_told);
  CHECK(queue.empty());
  CHECK(sockets.arrived() == sent);
}

TEST_CASE("datagrams to others between make no run of those to one") {
  socket_pair sockets, others;
  transport::datagram_queue queue;
  for (const char c : {'a', 'b', 'c'}) {
    queue.push(sockets.target(), core::as_bytes(text(100, c)));
    queue.push(others.target(), core::as_bytes(text(100, static_cast<char>(c + 10))));
  }
  CHECK(queue.messages() == 6);
  CHECK(queue.flush(sockets.from.native_handle()).unsent == 0);
  CHECK(sockets.arrived() == std::vector{text(100, 'a'), text(100, 'b'), text(100, 'c')});
  CHECK(others.arrived() == std::vector{text(100, 'k'), text(100, 'l'), text(100, 'm')});
}

TEST_CASE("a queue is full of datagrams or of octets, and has room again once it was sent") {
  socket_pair sockets;
  transport::datagram_queue queue;
  for (std::size_t i = 0; i < transport::datagram_queue::datagrams_max; ++i) {
    REQUIRE(queue.has_room(1));
    queue.push(sockets.target(), core::as_bytes("x"));
  }
  CHECK_FALSE(queue.has_room(0));
  CHECK(queue.flush(sockets.from.native_handle()).unsent == 0);
  CHECK(sockets.arrived().size() == transport::datagram_queue::datagrams_max);
  queue.push(sockets.target(), core::as_bytes(text(60'000, 'y')));
  CHECK(queue.has_room(5'536));
  CHECK_FALSE(queue.has_room(5'537));
}

TEST_CASE("the largest datagram there is goes, and one octet more is known to be too large") {
  socket_pair sockets;
  const auto most = transport::datagram_queue::payload_max(sockets.target());
  transport::datagram_queue queue;
  queue.push(sockets.target(), core::as_bytes(text(most, 'x')));
  CHECK(queue.flush(sockets.from.native_handle()).unsent == 0);
  const auto arrived = sockets.arrived();
  REQUIRE(arrived.size() == 1);
  CHECK(arrived[0].size() == most);
  CHECK(sockets.from.send_to(asio::buffer(text(most, 'x')), sockets.to.local_endpoint()) == most);
  asio::error_code ec;
  sockets.from.send_to(asio::buffer(text(most + 1, 'x')), sockets.to.local_endpoint(), 0, ec);
  CHECK(ec == asio::error::message_size);
}

TEST_CASE("what the kernel refuses is counted, and holds up nothing behind it") {
  socket_pair sockets;
  transport::datagram_queue queue;
  const transport::endpoint nowhere(asio::ip::make_address_v6("::1"), 9);  // of the other family
  for (const auto size : {100U, 100U}) queue.push(nowhere, core::as_bytes(text(size, 'x')));
  queue.push(sockets.target(), core::as_bytes("found"));
  const auto outcome = queue.flush(sockets.from.native_handle());
  CHECK(outcome.unsent == 2);
  CHECK(outcome.error_told);
  CHECK(sockets.arrived() == std::vector<std::string>{"found"});
}

}  // namespace datagram_queue_test
