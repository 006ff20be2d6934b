// A UDP socket under load, as its channels see it.
#include "transport/port/udp_socket.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
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
struct busy final : transport::datagram_service {
  busy(asio::io_context& i, const transport::endpoint& c) : io(i), closed(c) {}
  void on_datagram(transport::datagram_port& s, const transport::incoming_datagram& d) override {
    if (++rounds == 50) return io.stop();
    CHECK(s.send(closed, d.data));
    CHECK(s.send(s.local(), d.data));
  }
  asio::io_context& io;
  transport::endpoint closed;
  int rounds = 0;
};

// Notes what it hears, until it has heard enough.
struct ear final : transport::datagram_service {
  ear(asio::io_context& i, std::size_t n) : io(i), enough(n) {}
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram& d) override {
    heard.emplace_back(core::as_text(d.data));
    ages.push_back(d.age);
    if (heard.size() == enough) io.stop();
  }
  asio::io_context& io;
  std::size_t enough;
  std::vector<std::string> heard;
  std::vector<core::duration> ages;
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

TEST_CASE("a batch arrives whole and in its order, but for what is too large") {
  constexpr std::size_t most = 40;
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  const auto a = transport::udp_socket::open(*world.env, metrics, arena, address(3)).value();
  const auto b = transport::udp_socket::open(*world.env, metrics, arena, address(4)).value();
  ear heard(world.io, most);
  b->start(&heard);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < most; ++i) texts.push_back("datagram " + std::to_string(i));
  const std::string too_large(70'000, 'x');
  std::vector<transport::outgoing_datagram> batch;
  for (const auto& t : texts) {
    batch.push_back({b->local(), core::as_bytes(t)});
    if (batch.size() == 20) batch.push_back({b->local(), core::as_bytes(too_large)});
  }
  const auto sent = a->send_batch(batch);
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error() == transport::errc::too_large);
  world.io.run_for(std::chrono::seconds(5));
  CHECK(heard.heard == texts);
  for (const auto age : heard.ages) CHECK(age < std::chrono::seconds(5));
  CHECK(a->send_batch({}).has_value());
  a->close();
  CHECK(a->send_batch(batch).error() == transport::errc::closed);
  b->close();
}

TEST_CASE("what one turn sends goes when it ends, and what is left when the socket closes") {
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  const auto a = transport::udp_socket::open(*world.env, metrics, arena, address(8)).value();
  asio::ip::udp::socket ear(world.io, asio::ip::udp::endpoint(address(9).address, 0));
  const transport::endpoint to(ear.local_endpoint().address(), ear.local_endpoint().port());
  std::string buffer(100, '\0');
  const auto next = [&] { return buffer.substr(0, ear.receive(asio::buffer(buffer))); };
  for (const auto* text : {"one", "two", "three"}) CHECK(a->send(to, core::as_bytes(text)));
  CHECK(ear.available() == 0);
  world.io.poll();
  for (const auto* text : {"one", "two", "three"}) {
    REQUIRE(ear.available() > 0);
    CHECK(next() == text);
  }
  CHECK(a->send(to, core::as_bytes("four")));
  a->close();
  REQUIRE(ear.available() > 0);
  CHECK(next() == "four");
}

TEST_CASE("a turn that sends more than is kept sends it all, in its order") {
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  const auto a = transport::udp_socket::open(*world.env, metrics, arena, address(10)).value();
  const auto b = transport::udp_socket::open(*world.env, metrics, arena, address(11)).value();
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 200; ++i) texts.push_back(std::to_string(i) + std::string(i * 5, '.'));
  ear heard(world.io, texts.size());
  b->start(&heard);
  for (const auto& t : texts) CHECK(a->send(b->local(), core::as_bytes(t)));
  world.io.run_for(std::chrono::seconds(5));
  CHECK(heard.heard == texts);
  a->close();
  b->close();
}

TEST_CASE("a batch goes on behind one to a closed port") {
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  const auto a = transport::udp_socket::open(*world.env, metrics, arena, address(5)).value();
  const auto b = transport::udp_socket::open(*world.env, metrics, arena, address(6)).value();
  const auto gone = transport::udp_socket::open(*world.env, metrics, arena, address(7)).value();
  const auto closed = gone->local();
  gone->close();
  ear heard(world.io, 10);
  b->start(&heard);
  std::vector<transport::outgoing_datagram> batch;
  for (int i = 0; i < 10; ++i) {
    batch.push_back({closed, core::as_bytes("lost")});
    batch.push_back({b->local(), core::as_bytes("found")});
  }
  CHECK(a->send_batch(batch).has_value());
  world.io.run_for(std::chrono::seconds(5));
  CHECK(heard.heard.size() == 10);
  a->close();
  b->close();
}

}  // namespace udp_socket_test
