#include "phyllo/identity/node_id.hpp"

#include <doctest.h>

namespace node_id_test {

using phyllo::identity::node_id;

TEST_CASE("a Node-ID is written as 32 lower-case hex digits and read back from either case") {
  const auto id = node_id::from_hex("00112233445566778899AABBCCDDEEFF");
  REQUIRE(id);
  CHECK(id->hex() == "00112233445566778899aabbccddeeff");
  CHECK(node_id::from_hex(id->hex()) == id);
}

TEST_CASE("text that is not exactly 32 hex digits is no Node-ID") {
  CHECK_FALSE(node_id::from_hex("00112233445566778899aabbccddeef"));
  CHECK_FALSE(node_id::from_hex("00112233445566778899aabbccddeeff0"));
  CHECK_FALSE(node_id::from_hex("00112233445566778899aabbccddeeff00"));
  CHECK_FALSE(node_id::from_hex("0x112233445566778899aabbccddeeff"));
  CHECK_FALSE(node_id::from_hex(""));
}

TEST_CASE("only 16 bytes make a Node-ID") {
  const std::array<std::uint8_t, 17> data{1};
  CHECK(node_id::from_bytes(std::span(data).first(16)));
  CHECK_FALSE(node_id::from_bytes(std::span(data).first(15)));
  CHECK_FALSE(node_id::from_bytes(data));
}

TEST_CASE("all zeros and all ones are reserved, their neighbours are not") {
  CHECK(node_id{}.reserved());
  CHECK(node_id::from_hex("ffffffffffffffffffffffffffffffff")->reserved());
  CHECK_FALSE(node_id::from_hex("00000000000000000000000000000001")->reserved());
  CHECK_FALSE(node_id::from_hex("fffffffffffffffffffffffffffffffe")->reserved());
}

TEST_CASE("Node-IDs are ordered as the numbers they are") {
  CHECK(*node_id::from_hex("00000000000000000000000000000002") < *node_id::from_hex("10000000000000000000000000000001"));
  CHECK(*node_id::from_hex("00000000000000000000000000000001") < *node_id::from_hex("00000000000000000000000000000002"));
}

}  // namespace node_id_test
