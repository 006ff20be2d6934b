#include "turn/turn_client.hpp"

#include <doctest.h>

#include "turn/turn_dialogue.hpp"

namespace turn_client_test {

using namespace turn_dialogue;

TEST_CASE("allocate: one challenge, then by SHA-256 and without a name; both know the same relayed address") {
  dialogue d;
  d.client.allocate(d.b.now);
  d.b.server.on_message(d.b.client, d.client.output().value(), d.b.now, d.b.wall);
  CHECK(d.client.receive(d.b.done.answers.back().data, d.b.now).kind == kind::nothing);
  const auto request = d.client.output().value();
  const auto m = stun::message_view::parse(request).value();
  CHECK(m.has(type::userhash));
  CHECK_FALSE(m.has(type::username));
  CHECK(m.has_integrity_sha256());
  d.b.server.on_message(d.b.client, request, d.b.now, d.b.wall);
  CHECK(d.client.receive(d.b.done.answers.back().data, d.b.now).kind == kind::allocated);
  CHECK(d.client.now_in() == state::allocated);
  CHECK(d.client.relayed() == d.b.done.open.begin()->second);
  CHECK(d.client.mapped() == d.b.client.client);
  CHECK(stun::message_view::parse(d.b.done.answers.back().data)->has_integrity_sha256());
}

TEST_CASE("data goes by Send with a permission and by ChannelData with a channel, and comes back alike") {
  dialogue d;
  d.allocated();
  std::array<std::uint8_t, 200> room{};
  REQUIRE(d.client.permit(peer, d.b.now));
  auto news = d.talk();
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == kind::permitted);
  d.b.server.on_message(d.b.client, d.client.wrap(peer, core::as_bytes("one"), room), d.b.now, d.b.wall);
  REQUIRE(d.client.bind(peer, d.b.now));
  news = d.talk();
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == kind::bound);
  d.b.server.on_channel_data(d.b.client, d.client.wrap(peer, core::as_bytes("two"), room), d.b.now);
  REQUIRE(d.b.done.relayed.size() == 2);
  CHECK(core::as_text(d.b.done.relayed[0].data) == "one");
  CHECK(core::as_text(d.b.done.relayed[1].data) == "two");
  d.b.done.answers.clear();
  d.b.server.on_peer(d.b.done.relayed[0].from, peer, core::as_bytes("three"), d.b.now);
  d.b.server.on_peer(d.b.done.relayed[0].from, at("8.8.8.8:1"), core::as_bytes("four"), d.b.now);
  const auto by_channel = d.client.receive(d.b.done.answers.at(0).data, d.b.now);
  CHECK(by_channel.kind == kind::data);
  CHECK(by_channel.peer == peer);
  CHECK(core::as_text(by_channel.data) == "three");
  const auto by_indication = d.client.receive(d.b.done.answers.at(1).data, d.b.now);
  CHECK(by_indication.peer == at("8.8.8.8:1"));
  CHECK(core::as_text(by_indication.data) == "four");
}

TEST_CASE("allocation, permissions and channels outlast an hour and several nonces") {
  auto s = settings();
  s.nonce_lifetime = 600s;
  dialogue d(of_alice(), s);
  d.allocated();
  REQUIRE(d.client.bind(peer, d.b.now));
  REQUIRE(d.client.permit(at("8.8.4.4:1"), d.b.now));
  static_cast<void>(d.talk());
  const auto end = d.b.now + 1h;
  while (d.b.now < end) {
    const auto next = d.client.next();
    REQUIRE(next.has_value());
    CHECK(d.after(*next - d.b.now).empty());
    std::array<std::uint8_t, 200> room{};
    const auto relayed = d.b.done.relayed.size();
    d.b.server.on_channel_data(d.b.client, d.client.wrap(peer, core::as_bytes("x"), room), d.b.now);
    d.b.server.on_message(d.b.client, d.client.wrap(at("8.8.4.4:1"), core::as_bytes("x"), room), d.b.now, d.b.wall);
    CHECK(d.b.done.relayed.size() == relayed + 2);
  }
  CHECK(d.b.server.allocations() == 1);
}

TEST_CASE("release ends the allocation at both") {
  dialogue d;
  d.allocated();
  d.client.release(d.b.now);
  const auto news = d.talk();
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == kind::ended);
  CHECK(news[0].code == 0);
  CHECK(d.b.server.allocations() == 0);
  CHECK_FALSE(d.client.permit(peer, d.b.now));
}

TEST_CASE("nobody answers: seven requests, and the end after 39.5 seconds") {
  nat::turn_client c(of_alice(), {1, 2});
  core::time_point now{1h};
  c.allocate(now);
  int sent = c.output() ? 1 : 0;
  nat::turn_client::news n;
  while (n.kind == kind::nothing) {
    now = c.next().value();
    n = c.at(now);
    sent += c.output() ? 1 : 0;
  }
  CHECK(sent == 7);
  CHECK(n.kind == kind::ended);
  CHECK(now == core::time_point(1h) + 39'500ms);
}

}  // namespace turn_client_test
