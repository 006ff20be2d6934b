#include "chord/finger_table.hpp"

#include <doctest.h>

#include "support/chord_ids.hpp"

namespace finger_table_test {

using namespace phyllo::testing;
using namespace phyllo::overlay;

TEST_CASE("the first finger is half the ring away, and each next range half as wide (RFC 6940 s.10.7.4.2)") {
  const finger_table t(place(0x10));
  CHECK(t.first_of(1) == place(0x90));
  CHECK(successor(t.last_of(1)) == place(0x10));
  CHECK(t.first_of(2) == place(0x50));
  CHECK(successor(t.last_of(2)) == place(0x90));
  CHECK(t.first_of(128) == place(0x10, 1));
  CHECK(t.last_of(128) == place(0x10, 1));
}

TEST_CASE("every other node is valid for the one finger whose range it is in") {
  const finger_table t(place(0xf0));
  for (unsigned i = 1; i <= 128; ++i) {
    CHECK(t.index_of(t.first_of(i)) == i);
    CHECK(t.index_of(t.last_of(i)) == i);
    for (const uint128 random : {uint128(0), ~uint128(0), uint128(0x123456789abcdef) << 64}) CHECK(t.index_of(t.point_of(i, random)) == i);
  }
}

TEST_CASE("a finger keeps the peer that it has") {
  finger_table t(place(0));
  CHECK(t.insert(place(0x90)));
  CHECK_FALSE(t.insert(place(0x80)));
  CHECK_FALSE(t.insert(place(0)));
  CHECK(t.at(1) == place(0x90));
  CHECK(t.insert(place(0x20)));
  CHECK(t.entries() == places_at({0x20, 0x90}));
  CHECK(t.count() == 2);
  CHECK_FALSE(t.erase(place(0x80)));
  CHECK(t.erase(place(0x90)));
  CHECK_FALSE(t.contains(place(0x90)));
  CHECK(t.insert(place(0x80)));
}

TEST_CASE("at least sixteen fingers are sought, but for those whose ranges the successors fill") {
  finger_table t(place(0));
  CHECK(t.missing(std::nullopt).size() == 16);
  t.insert(place(0x90));
  // The last successor is an eighth of the ring away: all ranges up to there are known.
  CHECK(t.missing(place(0x20)) == std::vector<unsigned>{2, 3});
  // It is in the range of the 121st finger, of which all up to there are tended.
  node_id near;
  near.octets.back() = 0x80;
  CHECK(t.missing(near).size() == 120);
  CHECK(t.missing(near).back() == 121);
}

}  // namespace finger_table_test
