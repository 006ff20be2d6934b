#include "kinds/turn_server.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace turn_server_test {

using namespace phyllo;
using overlay::turn_server;
using testing::from_digits;

TEST_CASE("a TurnServer is laid out as RFC 6940 s.9 says") {
  const turn_server v4{3, {asio::ip::make_address("192.0.2.7"), 3478}};
  const turn_server v6{20, {asio::ip::make_address("2001:db8::7"), 443}};
  CHECK(v4.encode() == from_digits("03 01 06 c0000207 0d96"));
  CHECK(v6.encode() == from_digits("14 02 12 20010db8000000000000000000000007 01bb"));
  testing::check_round_trip(v4);
  testing::check_round_trip(v6);
}

TEST_CASE("an iteration is one of twenty, and an address of a family that is known") {
  CHECK(turn_server::decode(from_digits("01 01 06 c0000207 0d96")).has_value());
  CHECK(turn_server::decode(from_digits("00 01 06 c0000207 0d96")).error() == overlay::errc::invalid_record);
  CHECK(turn_server::decode(from_digits("15 01 06 c0000207 0d96")).error() == overlay::errc::invalid_record);
  CHECK(turn_server::decode(from_digits("01 03 06 c0000207 0d96")).error() == overlay::errc::invalid_record);
  CHECK(turn_server::decode(from_digits("01 01 07 c0000207 0d96 00")).error() == overlay::errc::invalid_record);
}

TEST_CASE("a node writes at H(Node-ID) and at H(Node-ID || i)") {
  const auto node = testing::id(0x11, 0x22);
  core::bytes text(node.octets.begin(), node.octets.end());
  CHECK(overlay::node_resource(node) == overlay::hash_to_resource(overlay::resource_hash::sha256, text));
  text.push_back(7);
  CHECK(overlay::multiple_resource(node, 7) == overlay::hash_to_resource(overlay::resource_hash::sha256, text));
  CHECK(overlay::multiple_resource(node, 7, overlay::resource_hash::sha1) == overlay::hash_to_resource(overlay::resource_hash::sha1, text));
  CHECK(overlay::multiple_resource(node, 7) != overlay::multiple_resource(node, 8));
}

}  // namespace turn_server_test
