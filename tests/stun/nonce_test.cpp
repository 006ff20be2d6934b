#include "phyllo/stun/nonce.hpp"

#include <doctest.h>

#include <string>

namespace stun_nonce_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const core::time_point now{1000h};
const auto alice = core::endpoint::parse("192.0.2.1:1000").value();
const stun::nonce_maker maker({1, 2, 3}, stun::feature_password_algorithms | stun::feature_username_anonymity, 600s);

std::string made_for(const core::endpoint& e) {
  const auto text = maker.make(e, now);
  return {text.data(), text.size()};
}

}  // namespace

TEST_CASE("a nonce is good for its client until its lifetime has passed") {
  const auto nonce = made_for(alice);
  CHECK(maker.good(nonce, alice, now));
  CHECK(maker.good(nonce, alice, now + 600s));
  CHECK_FALSE(maker.good(nonce, alice, now + 601s));
  CHECK_FALSE(maker.good(nonce, alice, now - 2s));
  CHECK_FALSE(maker.good(nonce, core::endpoint::parse("192.0.2.1:1001").value(), now));
  CHECK_FALSE(maker.good(nonce, core::endpoint::parse("192.0.2.2:1000").value(), now));
}

TEST_CASE("a nonce with any character changed, or made with another key, is not good") {
  const auto nonce = made_for(alice);
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto bad = nonce;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(maker.good(bad, alice, now));
  }
  const stun::nonce_maker other({9}, stun::feature_password_algorithms, 600s);
  CHECK_FALSE(other.good(nonce, alice, now));
  CHECK_FALSE(maker.good("", alice, now));
  CHECK_FALSE(maker.good(nonce + "A", alice, now));
}

TEST_CASE("the cookie tells the features; a nonce without it has none") {
  CHECK(stun::features_of(made_for(alice)) == (stun::feature_password_algorithms | stun::feature_username_anonymity));
  CHECK(stun::features_of("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA") == 2);  // RFC 8489 B.1
  CHECK(stun::features_of("f//499k954d6OL34oL9FSTvy64sA") == 0);               // RFC 5769 s.2.4
  CHECK(stun::features_of("obMatJos2*AAA") == 0);
}

}  // namespace stun_nonce_test
