// A UDP socket under load, as its channels see it.
#include "transport/port/udp_socket.hpp"

#include <doctest.h>

#include "support/run.hpp"

namespace udp_socket_test {

using namespace phyllo;

namespace {

transport::endpoint address(std::uint8_t number) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, 60, number}), 0};
}

struct refusals final : transport::datagram_receiver {
  void on_datagram(core::byte_view) override {}
  void on_unreachable() override { ++count; }
  int count = 0;
};

// Answers each of its own datagrams with one to a closed port and another to itself: it is never without one.
struct busy final : transport::datagram_sink {
  busy(asio::io_context& i, const transport::endpoint& c) : io(i), closed(c) {}
  void on_datagram(transport::udp_socket& s, const transport::endpoint&, core::byte_view data) override {
    if (++rounds == 50) return io.stop();
    CHECK(s.send(closed, data));
    CHECK(s.send(s.local(), data));
  }
  asio::io_context& io;
  transport::endpoint closed;
  int rounds = 0;
};

}  // namespace

TEST_CASE("a socket that always has datagrams hears of closed ports all the same") {
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  const auto socket = transport::udp_socket::open(*world.env, metrics, arena, address(1)).value();
  const auto gone = transport::udp_socket::open(*world.env, metrics, arena, address(2)).value();
  const auto closed = gone->local();
  gone->close();
  const auto channel = socket->make_channel(closed);
  refusals refused;
  channel->receive(&refused);
  busy sink(world.io, closed);
  socket->start(&sink);
  REQUIRE(socket->send(socket->local(), core::as_bytes("x")));
  world.io.run_for(std::chrono::seconds(5));
  CHECK(sink.rounds == 50);
  CHECK(refused.count > 40);
  socket->close();
}

}  // namespace udp_socket_test
