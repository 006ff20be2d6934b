#include "phyllo/stun/binding.hpp"

#include <doctest.h>

namespace stun_binding_test {

using namespace phyllo;

namespace {

const auto v4 = core::endpoint::parse("192.0.2.1:1000").value();
const auto v6 = core::endpoint::parse("[2001:db8::1]:1000").value();

stun::message of_type(int type) {
  stun::message m;
  m.type = static_cast<stun::message_type>(type);
  return m;
}

}  // namespace

TEST_CASE("no answer to a Binding request is larger than 1.6 times it (IPv4), or 2.2 times (IPv6)") {
  stun::message bare;
  CHECK(bare.encode().size() == 20);
  CHECK(stun::answer_binding(bare, v4, std::nullopt).size() == 32);
  CHECK(stun::answer_binding(bare, v6, std::nullopt).size() == 44);
  stun::message unknown;
  unknown.add(0x7fff, {});
  CHECK(stun::answer_binding(unknown, v6, std::nullopt).size() <= unknown.encode().size() * 16 / 10);
  const auto marked = stun::message::decode(bare.encode(true)).value();
  CHECK(stun::answer_binding(marked, v4, std::nullopt).size() <= bare.encode(true).size() * 16 / 10);
}

TEST_CASE("TURN's methods are known in every class, Binding is none of them") {
  for (const int type : {0x0003, 0x0004, 0x0008, 0x0009, 0x0016, 0x0017, 0x0103, 0x0113}) CHECK(stun::is_turn(of_type(type)));
  for (const int type : {0x0001, 0x0011, 0x0101, 0x0111, 0x0002}) CHECK_FALSE(stun::is_turn(of_type(type)));
}

}  // namespace stun_binding_test
