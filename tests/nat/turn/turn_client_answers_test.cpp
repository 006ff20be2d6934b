#include "turn/turn_client.hpp"

#include <doctest.h>

#include "turn/turn_dialogue.hpp"

namespace turn_client_answers_test {

using namespace turn_dialogue;

TEST_CASE("a wrong password ends with 401 after one try, and no more is asked") {
  auto c = of_alice();
  c.password = "guess";
  dialogue d(c);
  d.client.allocate(d.b.now);
  const auto news = d.talk();
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == kind::ended);
  CHECK(news[0].code == 401);
  CHECK(d.requests == 2);
  CHECK(d.client.next() == std::nullopt);
}

TEST_CASE("a peer that the server denies is refused, the allocation stays") {
  dialogue d;
  d.allocated();
  REQUIRE(d.client.bind(at("10.0.0.1:1"), d.b.now));
  const auto news = d.talk();
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == kind::refused);
  CHECK(news[0].code == 403);
  CHECK(d.client.now_in() == state::allocated);
}

TEST_CASE("an answer that anybody may have made is passed over") {
  dialogue d;
  d.client.allocate(d.b.now);
  const auto request = d.client.output().value();
  const auto id = stun::message_view::parse(request)->transaction();
  std::array<std::uint8_t, 200> room{};
  stun::message_writer forged(room, stun::method::allocate, stun::message_class::success, id);
  forged.add_xor_address(type::xor_relayed_address, at("203.0.113.1:1"));
  CHECK(d.client.receive(forged.done(), d.b.now).kind == kind::nothing);
  CHECK(d.client.now_in() == state::allocating);
  stun::message_writer bid_down(room, stun::method::allocate, stun::message_class::error, id);
  bid_down.add_error(401);
  bid_down.add_text(type::realm, "example.org");
  bid_down.add_text(type::nonce, "obMatJos2gAAAxxxxxxxxxxxxxxxxxxxx");  // says that algorithms may be chosen, and has none
  const auto n = d.client.receive(bid_down.done(), d.b.now);
  CHECK(n.kind == kind::ended);
}

TEST_CASE("a server of RFC 5389, without algorithms, is asked by MD5") {
  dialogue d;
  d.client.allocate(d.b.now);
  const auto request = d.client.output().value();
  std::array<std::uint8_t, 200> room{};
  stun::message_writer w(room, stun::method::allocate, stun::message_class::error, stun::message_view::parse(request)->transaction());
  w.add_error(401);
  w.add_text(type::realm, "example.org");
  w.add_text(type::nonce, "plain");
  CHECK(d.client.receive(w.done(), d.b.now).kind == kind::nothing);
  const auto again = d.client.output().value();
  const auto m = stun::message_view::parse(again).value();
  CHECK_FALSE(m.has(type::password_algorithm));
  CHECK(m.verify(stun::make_long_term_key(stun::password_algorithm::md5, "alice", "example.org", "secret").octets()));
}

TEST_CASE("noise from the server's address is nothing") {
  dialogue d;
  d.allocated();
  for (const auto* hex : {"", "00", "40000004", "4000000461626364", "ffff", "010100002112a442000000000000000000000000"})
    CHECK(d.client.receive(*core::from_hex(hex), d.b.now).kind == kind::nothing);
}

}  // namespace turn_client_answers_test
