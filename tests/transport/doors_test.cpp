// What a host offers to those who serve protocols at it: kinds, ports of one's own, the question whether somebody hears.
#include "phyllo/transport/doors.hpp"

#include <doctest.h>

#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "phyllo/stun/message.hpp"

namespace doors_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

transport::endpoint at(std::uint8_t net, std::uint8_t number, std::uint16_t port) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number}), port};
}

struct heard_datagram {
  transport::endpoint port;
  transport::endpoint from;
  std::string text;
};

// Notes all that comes, and answers it with one word.
struct ear final : transport::datagram_service {
  explicit ear(core::environment& env) : heard(env, 64) {}
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    heard.push({port.local(), d.from, std::string(core::as_text(d.data))});
    CHECK(port.send(d.from, core::as_bytes("heard")));
  }
  core::mailbox<heard_datagram> heard;
};

// A stranger's socket, outside all our code.
struct stranger {
  stranger(asio::io_context& io, std::uint8_t net) : socket(io, {at(net, 99, 0).address, 0}) { socket.non_blocking(true); }
  void send(const transport::endpoint& to, core::byte_view data) {
    socket.send_to(asio::buffer(data.data(), data.size()), {to.address, to.port});
  }
  // The port that it comes from, and what comes; 0: nothing.
  core::awaitable<std::pair<std::uint16_t, std::string>> receive(core::environment& env) {
    for (int i = 0; i < 100; ++i) {
      std::string out(2048, ' ');
      asio::error_code ec;
      asio::ip::udp::endpoint from;
      out.resize(socket.receive_from(asio::buffer(out), from, 0, ec));
      if (!ec) co_return std::pair(from.port(), out);
      co_await core::sleep_for(env, 10ms);
    }
    co_return std::pair(std::uint16_t{0}, std::string());
  }
  asio::ip::udp::socket socket;
};

core::bytes turn_channel() { return *core::from_hex("40010004aabbccdd"); }

core::bytes binding_request() {
  stun::message m;
  m.transaction.fill(9);
  return m.encode();
}

core::awaitable<void> dropped(testing::two_hosts& w, const char* reason, std::uint64_t times) {
  const auto so_far = [&] {
    const auto all = w.b_metrics.drops();
    return all.contains(reason) ? all.at(reason) : 0;
  };
  for (int i = 0; i < 300 && so_far() < times; ++i) co_await core::sleep_for(*w.world.env, 10ms);
  CHECK_MESSAGE(so_far() == times, reason);
}

core::awaitable<void> a_kind(testing::two_hosts& w, ear& e) {
  auto& env = *w.world.env;
  stranger s(w.world.io, 70);
  s.send(at(70, 2, 16084), turn_channel());
  co_await dropped(w, "turn_unserved", 1);
  w.b->serve(transport::datagram_kind::turn, &e);
  constexpr std::array<std::uint16_t, 4> ports{16084, 13478, 10443, 15060};
  for (const auto port : ports) {
    s.send(at(70, 2, port), turn_channel());
    const auto heard = co_await e.heard.receive(env.now() + 3s);
    REQUIRE(heard.has_value());
    CHECK(heard->port == at(70, 2, port));
    CHECK(heard->from.port == s.socket.local_endpoint().port());
    const auto [from, text] = co_await s.receive(env);
    CHECK(from == port);
    CHECK(text == "heard");
  }
  w.b->serve(transport::datagram_kind::turn, nullptr);
  s.send(at(70, 2, 16084), turn_channel());
  co_await dropped(w, "turn_unserved", 2);
  co_await w.stop();
}

core::awaitable<void> in_the_hosts_place(testing::two_hosts& w, ear& e) {
  auto& env = *w.world.env;
  stranger s(w.world.io, 71);
  w.b->serve(transport::datagram_kind::stun, &e);
  s.send(at(71, 2, 13478), binding_request());
  const auto heard = co_await e.heard.receive(env.now() + 3s);
  REQUIRE(heard.has_value());
  const auto [from, text] = co_await s.receive(env);
  CHECK(text == "heard");  // and no Binding
  co_await w.stop();
}

core::awaitable<void> unserved_stream(testing::two_hosts& w) {
  auto& env = *w.world.env;
  auto s = co_await w.a->open_tcp(at(72, 2, 10080), env.now() + 3s);
  REQUIRE(s.has_value());
  const auto written = co_await (*s)->write(core::as_bytes("GET / HTTP/1.1\r\n\r\n"), env.now() + 3s);
  REQUIRE(written);
  std::array<std::uint8_t, 64> buffer{};
  const auto n = co_await (*s)->read(buffer, env.now() + 3s);
  CHECK(n.error() == transport::errc::closed);
  co_await dropped(w, "stream_unwanted", 1);
  co_await w.stop();
}

core::awaitable<void> own_port(testing::two_hosts& w, ear& e) {
  auto& env = *w.world.env;
  stranger s(w.world.io, 73);
  auto opened = w.b->open_port(at(73, 2, 0), e);
  REQUIRE(opened.has_value());
  auto port = std::move(*opened);
  CHECK(port->local().address == at(73, 2, 0).address);
  CHECK(port->local().port != 0);
  const std::vector<std::string> all{std::string(core::as_text(binding_request())), std::string(core::as_text(turn_channel())),
                                     "OPTIONS sip:a@b SIP/2.0\r\n\r\n", "\xff\xff", ""};
  for (const auto& text : all) {
    s.send(port->local(), core::as_bytes(text));
    const auto heard = co_await e.heard.receive(env.now() + 3s);
    REQUIRE(heard.has_value());
    CHECK(heard->port == port->local());
    CHECK(heard->text == text);
    const auto answer = co_await s.receive(env);
    CHECK(answer.first == port->local().port);
  }
  const auto drops = w.b_metrics.drops();
  for (const auto& d : drops) CHECK_MESSAGE(d.second == 0, d.first);
  const auto here = port->local();
  CHECK(w.b->open_port(here, e).error() == transport::errc::address_in_use);
  port.reset();
  auto again = w.b->open_port(here, e);
  CHECK(again.has_value());
  again = core::fail(transport::errc::closed);
  CHECK(w.b->open_port({asio::ip::make_address("192.0.2.1"), 0}, e).error() == transport::errc::refused);
  co_await w.stop();
}

// Gives its port up with the first datagram.
struct hasty final : transport::datagram_service {
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram& d) override {
    port.reset();
    heard.emplace_back(core::as_text(d.data));
  }
  std::shared_ptr<transport::datagram_port> port;
  std::vector<std::string> heard;
};

core::awaitable<void> closed_from_inside(testing::two_hosts& w, hasty& h) {
  auto& env = *w.world.env;
  stranger s(w.world.io, 74);
  h.port = w.b->open_port(at(74, 2, 0), h).value();
  const auto there = h.port->local();
  for (const auto* text : {"first", "second", "third"}) s.send(there, core::as_bytes(text));
  for (int i = 0; i < 300 && h.heard.empty(); ++i) co_await core::sleep_for(env, 10ms);
  co_await core::sleep_for(env, 50ms);
  CHECK(h.heard == std::vector<std::string>{"first"});
  co_await w.stop();
}

core::awaitable<void> asked(testing::two_hosts& w) {
  auto& env = *w.world.env;
  auto* from = w.a->ports().front();
  CHECK(from->local() == at(75, 1, 10443));
  int answers = 0;
  w.a->probe(*from, at(75, 2, 15060), [&answers] { ++answers; });
  stranger silent(w.world.io, 75);
  w.a->probe(*from, {at(75, 99, 0).address, silent.socket.local_endpoint().port()}, [&answers] { answers += 100; });
  for (int i = 0; i < 300 && answers == 0; ++i) co_await core::sleep_for(env, 10ms);
  CHECK(answers == 1);
  co_await w.stop();
}

}  // namespace

TEST_CASE("a kind of datagrams is his who serves it, at every port, and counted where nobody does") {
  testing::two_hosts w(70);
  ear e(*w.world.env);
  w.world.run(a_kind(w, e));
}

TEST_CASE("the host's own answers to STUN are a service like any other, whose place another can take") {
  testing::two_hosts w(71);
  ear e(*w.world.env);
  w.world.run(in_the_hosts_place(w, e));
}

TEST_CASE("a stream whose kind nobody serves is closed and counted") {
  testing::two_hosts w(72);
  w.world.run(unserved_stream(w));
}

TEST_CASE("a port of one's own hears all that comes to it, of whatever kind, and is closed with its last reference") {
  testing::two_hosts w(73);
  ear e(*w.world.env);
  w.world.run(own_port(w, e));
}

TEST_CASE("a port that is given up from inside a call tells of no more, though more has come") {
  testing::two_hosts w(74);
  hasty h;
  w.world.run(closed_from_inside(w, h));
}

TEST_CASE("who answers STUN is known to hear, and who is silent is not") {
  testing::two_hosts w(75);
  w.world.run(asked(w));
}

}  // namespace doors_test
