#include "kinds/redir_provider.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace redir_provider_test {

using namespace phyllo;
using overlay::redir_place;
using overlay::redir_provider;
using testing::from_digits;
using testing::id;

namespace {

redir_provider provider() {
  redir_provider p;
  p.type = 9;
  p.route = {overlay::destination::to_node(id(1, 2))};
  p.place = {"ts", 2, 50};
  p.extension = {0xee};
  return p;
}

}  // namespace

TEST_CASE("tree nodes and intervals of ReDiR divide the ring evenly") {
  overlay::node_id half;
  half.octets[0] = 0x80;
  overlay::node_id last;
  last.octets.fill(0xff);
  CHECK(overlay::redir_place::of("s", 0, last).node == 0);
  CHECK(overlay::redir_place::of("s", 1, half).node == 5);
  CHECK(overlay::redir_place::of("s", 2, half).node == 50);
  CHECK(overlay::redir_place::of("s", 4, last).node == 9999);
  CHECK(overlay::redir_interval(0, half) == 5);
  CHECK(overlay::redir_interval(1, half) == 0);
  CHECK(overlay::redir_interval(0, last) == 9);
  CHECK(overlay::redir_interval(4, {}) == 0);
  CHECK_FALSE(overlay::redir_place{"s", 1, 4}.covers(half));
}

TEST_CASE("a RedirServiceProvider is laid out as RFC 7374 s.4.1 says, and keeps an extension of any type") {
  CHECK(provider().encode() == from_digits("09 0012 01 10 01000000000000000000000000000002 0002 7473 0002 0032 0001 ee"));
  testing::check_round_trip(provider());
  testing::check_round_trip(redir_provider{});
}

TEST_CASE("a provider's route has sixteen entries at most") {
  auto p = provider();
  p.route.assign(16, p.route.front());
  CHECK(redir_provider::decode(p.encode())->route.size() == 16);
  p.route.push_back(p.route.front());
  CHECK(redir_provider::decode(p.encode()).error() == overlay::errc::invalid_record);
  CHECK_FALSE(redir_provider::decode(from_digits("09 0002 0110 0002 7473 0002 0032 0000")).has_value());
}

TEST_CASE("a tree node stands at the hash of its namespace, level and number in two octets each") {
  const core::bytes text{'t', 's', 0, 2, 0, 50};
  CHECK(redir_place{"ts", 2, 50}.resource() == overlay::hash_to_resource(overlay::resource_hash::sha256, text));
  CHECK(redir_place{"ts", 2, 50}.resource(overlay::resource_hash::sha1) == overlay::hash_to_resource(overlay::resource_hash::sha1, text));
}

TEST_CASE("an id is covered by one tree node of each level, down to the deepest that there is") {
  for (std::uint16_t level = 0; level <= overlay::redir_level_max; ++level) {
    for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0, 0x19, 0x1a, 0x7f, 0x80, 0xff}) {
      const auto place = redir_place::of("s", level, id(first));
      CHECK(place.level == level);
      CHECK(place.covers(id(first)));
      auto beside = place;
      ++beside.node;
      CHECK_FALSE(beside.covers(id(first)));
    }
  }
  CHECK(redir_place::of("s", 5, id(0x80)).level == overlay::redir_level_max);
  CHECK_FALSE(redir_place{"s", 5, 50000}.covers(id(0x80)));
  // A tenth of the ring begins at 0x1999...: 0x19 is before it, 0x1a after.
  CHECK(redir_place::of("s", 1, id(0x19)).node == 0);
  CHECK(redir_place::of("s", 1, id(0x1a)).node == 1);
  CHECK(overlay::redir_interval(0, id(0x19)) == 0);
  CHECK(overlay::redir_interval(0, id(0x1a)) == 1);
}

}  // namespace redir_provider_test
