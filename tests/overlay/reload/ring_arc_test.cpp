#include "reload/ring_arc.hpp"

#include <doctest.h>

#include <random>

#include "support/node_ids.hpp"

namespace ring_arc_test {

using namespace phyllo;
using overlay::arc;
using overlay::from_integer;
using overlay::to_integer;
using overlay::uint128;
using testing::id;

namespace {

arc between(std::uint64_t first, std::uint64_t last) { return {from_integer(first), from_integer(last)}; }

}  // namespace

TEST_CASE("an id is a number whose most significant octet comes first") {
  CHECK(to_integer(id(0, 7)) == 7);
  CHECK(to_integer(id(0x80)) == uint128(1) << 127);
  CHECK(from_integer(uint128(0x0102) << 112) == testing::at(0x0102));
  CHECK(from_integer(to_integer(testing::at(0xabcd, 9))) == testing::at(0xabcd, 9));
  CHECK(to_integer(overlay::whole_ring().first) == 0);
  CHECK(to_integer(overlay::whole_ring().last) == ~uint128(0));
}

TEST_CASE("an arc has both its ends") {
  const auto a = between(5, 7);
  CHECK_FALSE(a.contains(from_integer(4)));
  CHECK(a.contains(from_integer(5)));
  CHECK(a.contains(from_integer(7)));
  CHECK_FALSE(a.contains(from_integer(8)));
}

TEST_CASE("arcs join, split and are subtracted without losing a point") {
  std::mt19937_64 random(4);
  overlay::arc_set set;
  std::array<bool, 256> model{};
  for (int i = 0; i < 2000; ++i) {
    const auto a = random() % 256;
    const auto b = a + random() % (256 - a);
    // The top of the ring is one of the points, so that its edge is tried, too.
    const auto point = [](std::uint64_t p) { return from_integer(~uint128(0) - 255 + p); };
    const bool adding = random() % 2 == 0;
    if (adding) {
      set.add({point(a), point(b)});
    } else {
      set.subtract({point(a), point(b)});
    }
    std::fill(model.begin() + static_cast<std::ptrdiff_t>(a), model.begin() + static_cast<std::ptrdiff_t>(b) + 1, adding);
    for (std::size_t p = 0; p < 256; ++p) REQUIRE(set.contains(point(p)) == model[p]);
    CHECK(set.intersects({point(a), point(b)}) == adding);
    CHECK(set.covers({point(a), point(b)}) == adding);
  }
}

TEST_CASE("arcs that touch or overlap are one, and others stay apart") {
  overlay::arc_set s;
  s.add(between(10, 19));
  s.add(between(30, 39));
  CHECK(s.arcs() == std::vector{between(10, 19), between(30, 39)});
  s.add(between(40, 40));
  CHECK(s.arcs() == std::vector{between(10, 19), between(30, 40)});
  s.add(between(9, 9));
  CHECK(s.arcs() == std::vector{between(9, 19), between(30, 40)});
  s.add(between(20, 29));
  CHECK(s.arcs() == std::vector{between(9, 40)});
  s.add(between(0, 5));
  s.add(overlay::whole_ring());
  CHECK(s.arcs() == std::vector{overlay::whole_ring()});
}

TEST_CASE("what is taken out of the middle leaves two parts, and of nothing nothing") {
  overlay::arc_set s;
  s.subtract(between(1, 2));
  CHECK(s.empty());
  s.add(between(10, 40));
  s.subtract(between(20, 29));
  CHECK(s.arcs() == std::vector{between(10, 19), between(30, 40)});
  CHECK(s.within(between(15, 34)) == std::vector{between(15, 19), between(30, 34)});
  CHECK(s.intersects(between(19, 25)));
  CHECK_FALSE(s.intersects(between(20, 29)));
  CHECK(s.covers(between(30, 40)));
  CHECK_FALSE(s.covers(between(10, 40)));
  s.subtract(between(0, 100));
  CHECK(s.empty());
  s.add(overlay::whole_ring());
  s.subtract(overlay::whole_ring());
  CHECK(s.empty());
}

}  // namespace ring_arc_test
