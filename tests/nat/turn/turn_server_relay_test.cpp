#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_server_relay_test {

using namespace turn_bench;

namespace {

const auto peer = at("8.8.8.8:7000");

core::bytes channel_data(std::uint16_t number, std::string_view data) {
  core::bytes out{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(data.size() >> 8),
                  static_cast<std::uint8_t>(data.size())};
  core::append(out, core::as_bytes(data));
  return out;
}

}  // namespace

TEST_CASE("Send and Data: to a peer with a permission, and back") {
  bench b;
  REQUIRE(b.allocate().success());
  REQUIRE(b.permit(peer).success());
  b.send(peer, "hello");
  REQUIRE(b.done.relayed.size() == 1);
  CHECK(b.done.relayed[0].peer == peer);
  CHECK(core::as_text(b.done.relayed[0].data) == "hello");
  b.done.answers.clear();
  b.server.on_peer(b.done.relayed[0].from, peer, core::as_bytes("world"), b.now);
  REQUIRE(b.done.answers.size() == 1);
  const auto m = stun::message_view::parse(b.done.answers[0].data).value();
  CHECK(m.what() == stun::method::data);
  CHECK(m.kind() == stun::message_class::indication);
  CHECK(stun::xor_address_in(m, type::xor_peer_address) == peer);
  CHECK(core::as_text(*m.find(type::data)) == "world");
}

TEST_CASE("DONT-FRAGMENT: the DF bit for that datagram where it can be set, else the indication is dropped") {
  for (const bool df : {true, false}) {
    bench b;
    b.done.df = df;
    const auto asked = b.allocate([](auto& w) { w.add_flag(type::dont_fragment); });
    CHECK(asked.code() == (df ? 0 : 420));
    if (!df) REQUIRE(b.allocate().success());
    REQUIRE(b.permit(peer).success());
    b.tell(b.plain(
        stun::method::send,
        [](stun::message_writer& w) {
          w.add_xor_address(type::xor_peer_address, peer);
          w.add_flag(type::dont_fragment);
          w.add_text(type::data, "x");
        },
        stun::message_class::indication));
    REQUIRE(b.done.relayed.size() == (df ? 1U : 0U));
    if (df) CHECK(b.done.relayed[0].whole);
    b.send(peer, "y");
    CHECK_FALSE(b.done.relayed.back().whole);
  }
}

TEST_CASE("without a permission nothing passes in either direction; another port of the same address does") {
  bench b;
  REQUIRE(b.allocate().success());
  const auto relay = b.done.open.begin()->first;
  b.send(peer, "x");
  b.server.on_peer(relay, peer, core::as_bytes("x"), b.now);
  CHECK(b.done.relayed.empty());
  CHECK(b.dropped("turn_no_permission") == 2);
  REQUIRE(b.permit(peer).success());
  b.send(at("8.8.8.8:1"), "x");
  CHECK(b.done.relayed.size() == 1);
}

TEST_CASE("a permission lasts 300 seconds, and neither Send nor datagrams make it longer") {
  bench b;
  REQUIRE(b.allocate().success());
  REQUIRE(b.permit(peer).success());
  b.now += 299s;
  b.send(peer, "x");
  CHECK(b.done.relayed.size() == 1);
  b.now += 1s;
  b.send(peer, "x");
  CHECK(b.done.relayed.size() == 1);
  REQUIRE(b.permit(peer).success());
  b.send(peer, "x");
  CHECK(b.done.relayed.size() == 2);
}

TEST_CASE("channels: ChannelData to the peer and back, which a ChannelBind also permits") {
  bench b;
  REQUIRE(b.allocate().success());
  REQUIRE(b.bind(0x4001, peer).success());
  b.server.on_channel_data(b.client, channel_data(0x4001, "hello"), b.now);
  REQUIRE(b.done.relayed.size() == 1);
  CHECK(core::as_text(b.done.relayed[0].data) == "hello");
  b.done.answers.clear();
  b.server.on_peer(b.done.relayed[0].from, peer, core::as_bytes("world"), b.now);
  REQUIRE(b.done.answers.size() == 1);
  CHECK(b.done.answers[0].data == channel_data(0x4001, "world"));
  // From another port of the same address it is a Data indication.
  b.server.on_peer(b.done.relayed[0].from, at("8.8.8.8:1"), core::as_bytes("world"), b.now);
  CHECK(stun::message_view::parse(b.done.answers[1].data).has_value());
}

TEST_CASE("ChannelData of a length that is not there, of an unbound channel and of no allocation is dropped") {
  bench b;
  auto lying = channel_data(0x4001, "hello");
  lying[3] = 6;
  b.server.on_channel_data(b.client, lying, b.now);
  b.server.on_channel_data(b.client, core::bytes{0x40, 0x01, 0}, b.now);
  CHECK(b.dropped("turn_malformed") == 2);
  b.server.on_channel_data(b.client, channel_data(0x4001, "x"), b.now);
  CHECK(b.dropped("turn_no_allocation") == 1);
  REQUIRE(b.allocate().success());
  b.server.on_channel_data(b.client, channel_data(0x4001, "x"), b.now);
  CHECK(b.dropped("turn_no_channel") == 1);
  CHECK(b.done.relayed.empty());
}

TEST_CASE("padding is not data; over a stream ChannelData is padded with zeros") {
  bench b;
  b.client.transport = nat::client_transport::tcp;
  REQUIRE(b.allocate().success());
  REQUIRE(b.bind(0x4001, peer).success());
  auto padded = channel_data(0x4001, "hello");
  padded.insert(padded.end(), {7, 7, 7});
  b.server.on_channel_data(b.client, padded, b.now);
  REQUIRE(b.done.relayed.size() == 1);
  CHECK(b.done.relayed[0].data.size() == 5);
  b.done.answers.clear();
  b.server.on_peer(b.done.relayed[0].from, peer, core::as_bytes("hello"), b.now);
  auto expected = channel_data(0x4001, "hello");
  expected.resize(12);
  CHECK(b.done.answers[0].data == expected);
}

TEST_CASE("bandwidth: what a user may not have is dropped, and comes back with time") {
  auto s = settings();
  s.limits.bytes_per_second_of_user = 1000;
  bench b(s);
  REQUIRE(b.allocate().success());
  REQUIRE(b.permit(peer).success());
  const std::string data(400, 'x');
  for (int i = 0; i < 5; ++i) b.send(peer, data);
  CHECK(b.done.relayed.size() == 2);
  CHECK(b.dropped("turn_bandwidth") == 3);
  b.now += 1s;
  b.send(peer, data);
  CHECK(b.done.relayed.size() == 3);
}

TEST_CASE("an ICMP error is told as a Data indication with ICMP, where there is a permission") {
  bench b;
  REQUIRE(b.allocate().success());
  const auto relay = b.done.open.begin()->first;
  b.done.answers.clear();
  b.server.on_icmp(relay, peer, {3, 3, 0}, b.now);
  CHECK(b.done.answers.empty());
  REQUIRE(b.permit(peer).success());
  b.done.answers.clear();
  b.server.on_icmp(relay, peer, {3, 4, 1400}, b.now);
  REQUIRE(b.done.answers.size() == 1);
  const auto m = stun::message_view::parse(b.done.answers[0].data).value();
  CHECK(stun::icmp_of(*m.find(type::icmp))->data == 1400);
  CHECK_FALSE(m.has(type::data));
}

TEST_CASE("the largest datagram fits, and an indication of what has no room is none") {
  bench b;
  REQUIRE(b.allocate().success());
  REQUIRE(b.bind(0x4000, peer).success());
  const auto relay = b.done.open.begin()->first;
  b.done.answers.clear();
  b.server.on_peer(relay, peer, core::bytes(65'507), b.now);
  REQUIRE(b.done.answers.size() == 1);
  CHECK(b.done.answers[0].data.size() == 65'511);
}

}  // namespace turn_server_relay_test
