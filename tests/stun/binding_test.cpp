#include "phyllo/stun/binding.hpp"

#include <doctest.h>

namespace stun_binding_test {

using namespace phyllo;

namespace {

const auto v4 = core::endpoint::parse("192.0.2.1:1000").value();
const auto v6 = core::endpoint::parse("[2001:db8::1]:1000").value();

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

}  // namespace stun_binding_test
