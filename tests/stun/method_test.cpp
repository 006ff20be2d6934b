#include "phyllo/stun/method.hpp"

#include <doctest.h>

namespace stun_method_test {

using namespace phyllo;
using stun::message_class;
using stun::method;

namespace {

method of(unsigned type) { return stun::method_of(static_cast<std::uint16_t>(type)); }

}  // namespace

TEST_CASE("TURN's methods are known in every class, Binding is none of them") {
  for (const unsigned type : {0x0003U, 0x0004U, 0x0008U, 0x0009U, 0x0016U, 0x0017U, 0x0103U, 0x0113U, 0x000aU, 0x000bU, 0x001cU})
    CHECK(stun::is_turn(of(type)));
  for (const unsigned type : {0x0001U, 0x0011U, 0x0101U, 0x0111U, 0x0002U, 0x0005U, 0x000dU}) CHECK_FALSE(stun::is_turn(of(type)));
}

TEST_CASE("RFC 8489 s.5: Binding is 0x0001, 0x0011, 0x0101 and 0x0111") {
  CHECK(stun::type_of(method::binding, message_class::request) == 0x0001);
  CHECK(stun::type_of(method::binding, message_class::indication) == 0x0011);
  CHECK(stun::type_of(method::binding, message_class::success) == 0x0101);
  CHECK(stun::type_of(method::binding, message_class::error) == 0x0111);
}

TEST_CASE("each of the 4096 methods goes through a type and back, in each class") {
  for (unsigned m = 0; m < 0x1000; ++m) {
    for (unsigned c = 0; c < 4; ++c) {
      const auto type = stun::type_of(static_cast<method>(m), static_cast<message_class>(c));
      REQUIRE(type < 0x4000);
      REQUIRE(stun::method_of(type) == static_cast<method>(m));
      REQUIRE(stun::class_of(type) == static_cast<message_class>(c));
    }
  }
}

}  // namespace stun_method_test
