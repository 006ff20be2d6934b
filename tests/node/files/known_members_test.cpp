#include "files/known_members.hpp"

#include <doctest.h>

#include "support/temporary_directory.hpp"

namespace known_members_test {

using namespace phyllo;
using namespace phyllo::node;
using namespace std::chrono_literals;

namespace {

identity::node_id member(std::uint8_t n) {
  identity::node_id out;
  out.octets.fill(n);
  return out;
}

using ids = std::vector<identity::node_id>;
constexpr core::time_point start{1000s};

}  // namespace

TEST_CASE("members that were stopped one after the other, as a whole ring is, are members to the last") {
  known_members k({}, start);
  k.see({member(1), member(2), member(3)}, start);
  k.see({member(2), member(3)}, start + 10s);
  k.see({member(3)}, start + 20s);
  k.see({}, start + 30s);
  CHECK(k.all() == ids{member(1), member(2), member(3)});
}

TEST_CASE("who has been gone for long, while others went on, is no member any more") {
  known_members k({member(1)}, start);
  k.see({member(2)}, start + 9min);
  CHECK(k.all() == ids{member(1), member(2)});
  k.see({member(2)}, start + 11min);
  CHECK(k.all() == ids{member(2)});
}

TEST_CASE("what is kept on disk tells having been alone from never having been in a ring") {
  const testing::temporary_directory d;
  configuration c;
  c.node.data_directory = d.path();
  auto loaded = load_known_members(c);
  REQUIRE(loaded.has_value());
  CHECK_FALSE(loaded->has_value());
  REQUIRE(save_known_members(c, {}).has_value());
  loaded = load_known_members(c);
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->has_value());
  CHECK((*loaded)->empty());
  REQUIRE(save_known_members(c, {member(7), member(9)}).has_value());
  CHECK(**load_known_members(c) == ids{member(7), member(9)});
  d.write("members", "not a Node-ID\n");
  CHECK_FALSE(load_known_members(c).has_value());
}

}  // namespace known_members_test
