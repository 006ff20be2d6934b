#include "phyllo/stun/value.hpp"

#include <doctest.h>

#include <array>

namespace stun_value_test {

using namespace phyllo;

namespace {

core::bytes octets(const char* hex) { return *core::from_hex(hex); }

}  // namespace

TEST_CASE("addresses are read in both forms, and refused where family and length differ") {
  const stun::transaction_id t{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
  CHECK(stun::xor_address_of(octets("0001a147e112a643"), t)->text() == "192.0.2.1:32853");  // RFC 5769 s.2.2
  CHECK(stun::xor_address_of(octets("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"), t)->text() ==
        "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  CHECK(stun::address_of(octets("00010050c0000201"))->text() == "192.0.2.1:80");
  for (const auto* bad :
       {"", "0001", "00020050c0000201", "00030050c0000201", "00010050c000020100", "0001a1470113a9faa5d3f179bc25f4b5bed2b9d9"})
    CHECK_FALSE(stun::address_of(octets(bad)).has_value());
}

TEST_CASE("what is written as an address is read again") {
  const stun::transaction_id t{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (const auto* text : {"0.0.0.0:0", "255.255.255.255:65535", "[::]:1", "[2001:db8::ffff:1]:3478"}) {
    const auto e = core::endpoint::parse(text).value();
    std::array<std::uint8_t, 20> room{};
    CHECK(stun::address_of(core::byte_view(room).first(stun::write_address(room, e))) == e);
    CHECK(stun::xor_address_of(core::byte_view(room).first(stun::write_xor_address(room, e, t)), t) == e);
  }
}

TEST_CASE("an error has a class of 3 to 6 and a number of two digits") {
  const auto value = octets("00000414626164");
  const auto e = stun::error_of(value);
  REQUIRE(e.has_value());
  CHECK(e->code == 420);
  CHECK(e->reason == "bad");
  CHECK(stun::error_of(octets("ffffff00")) == std::nullopt);  // class 7
  CHECK(stun::error_of(octets("00000401"))->code == 401);
  for (const auto* bad : {"", "000004", "00000200", "00000464"}) CHECK_FALSE(stun::error_of(octets(bad)).has_value());
  CHECK(stun::address_error_of(octets("02000508"))->code == 508);
  CHECK(stun::address_error_of(octets("02000508"))->family == stun::address_family::v6);
  CHECK_FALSE(stun::address_error_of(octets("03000508")).has_value());
}

TEST_CASE("numbers have one length each") {
  CHECK(stun::number16_of(octets("40010000")) == 0x4001);
  CHECK(stun::number32_of(octets("00000258")) == 600);
  CHECK(stun::number64_of(octets("0102030405060708")) == 0x0102030405060708);
  CHECK(stun::octet_of(octets("80")) == 0x80);
  CHECK(stun::octet_of(octets("11000000")) == 17);
  CHECK_FALSE(stun::number16_of(octets("4001")).has_value());
  CHECK_FALSE(stun::number32_of(octets("0000000258")).has_value());
  CHECK_FALSE(stun::number64_of(octets("01020304")).has_value());
  CHECK_FALSE(stun::octet_of(octets("1100")).has_value());
}

TEST_CASE("password algorithms: the first that we know, without parameters") {
  CHECK(stun::algorithm_of(octets("00020000")) == stun::password_algorithm::sha256);
  CHECK(stun::preferred_algorithm(octets("0002000000010000")) == stun::password_algorithm::sha256);
  CHECK(stun::preferred_algorithm(octets("00030002abcd000000010000")) == stun::password_algorithm::md5);
  CHECK_FALSE(stun::algorithm_of(octets("00030000")).has_value());
  CHECK_FALSE(stun::algorithm_of(octets("0002000400000000")).has_value());
  CHECK_FALSE(stun::preferred_algorithm(octets("00030002abcd")).has_value());
  CHECK_FALSE(stun::preferred_algorithm(octets("")).has_value());
}

TEST_CASE("ICMP's type, code and data; unknown types as many as there is room for") {
  const auto v = stun::icmp_of(octets("000003040000057c"));
  REQUIRE(v.has_value());
  CHECK(v->type == 3);
  CHECK(v->code == 4);
  CHECK(v->data == 1404);
  CHECK_FALSE(stun::icmp_of(octets("00000304")).has_value());
  std::array<std::uint16_t, 2> types{};
  CHECK(stun::types_of(octets("7fff00010002"), types) == 2);
  CHECK(types == std::array<std::uint16_t, 2>{0x7fff, 1});
}

}  // namespace stun_value_test
