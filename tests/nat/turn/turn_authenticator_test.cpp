#include "turn/turn_authenticator.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_authenticator_test {

using namespace turn_bench;

TEST_CASE("a challenge is answered by whoever has the password, from the place that it was made for") {
  const user_book users;
  const nat::turn_authenticator a(users, "example.org", 60s, {1});
  const core::time_point now{1h};
  const nat::five_tuple here{at("192.0.2.1:1"), at("198.51.100.9:3478"), nat::client_transport::udp};
  const nat::five_tuple elsewhere{at("192.0.2.1:2"), at("198.51.100.9:3478"), nat::client_transport::udp};
  std::array<std::uint8_t, 400> told{};
  stun::message_writer c(told, stun::method::allocate, stun::message_class::error, {});
  a.challenge(c, here.client, now);
  const auto challenge = stun::message_view::parse(c.done()).value();
  std::array<std::uint8_t, 400> room{};
  stun::message_writer w(room, stun::method::allocate, stun::message_class::request, {});
  w.add_text(type::username, "alice");
  w.add(type::realm, *challenge.find(type::realm));
  w.add(type::nonce, *challenge.find(type::nonce));
  w.add_integrity(stun::make_long_term_key(stun::password_algorithm::md5, "alice", "example.org", "secret").octets());
  const auto m = stun::message_view::parse(w.done()).value();
  nat::turn_request good{here, m, now};
  CHECK(a.check(good, {}) == 0);
  CHECK(good.user == "alice");
  CHECK_FALSE(good.sha256);
  nat::turn_request moved{elsewhere, m, now};
  CHECK(a.check(moved, {}) == 438);
  nat::turn_request late{here, m, now + 61s};
  CHECK(a.check(late, {}) == 438);
  const nat::turn_authenticator other(users, "example.org", 60s, {2});
  nat::turn_request foreign{here, m, now};
  CHECK(other.check(foreign, {}) == 438);
}

}  // namespace turn_authenticator_test
