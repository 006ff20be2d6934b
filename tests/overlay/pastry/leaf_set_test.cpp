#include "pastry/leaf_set.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace leaf_set_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::at;

TEST_CASE("in a small ring a node stands on both sides, and the whole ring is known") {
  leaf_set l(at(0x8000), 4);
  CHECK(l.insert(at(0x9000)));
  CHECK_FALSE(l.insert(at(0x9000)));
  CHECK_FALSE(l.insert(at(0x8000)));
  CHECK(l.insert(at(0x1000)));
  CHECK(l.left() == std::vector{at(0x1000), at(0x9000)});
  CHECK(l.right() == std::vector{at(0x9000), at(0x1000)});
  CHECK(l.whole_ring());
}

TEST_CASE("a full leaf set keeps the nearest of each side") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x1000, 0x4000, 0x7000, 0x9000, 0xa000, 0xc000}) l.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(l.left() == std::vector{at(0x7000), at(0x4000)});
  CHECK(l.right() == std::vector{at(0x9000), at(0xa000)});
  CHECK_FALSE(l.would_take(at(0xb000)));
  CHECK(l.would_take(at(0x8800)));
  CHECK(l.spans(at(0x4000)));
  CHECK(l.spans(at(0x9fff)));
  CHECK_FALSE(l.spans(at(0xb000)));
  CHECK(l.erase(at(0x9000)));
  CHECK(l.insert(at(0xb000)));
}

TEST_CASE("a full leaf set that has lost a member is no small ring, and takes nobody from far beyond its sides") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 8; ++i) {
    l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x10)));
    l.insert(at(static_cast<std::uint16_t>(0x8000 - i * 0x10)));
  }
  CHECK_FALSE(l.whole_ring());
  CHECK(l.ring_size_estimate() == doctest::Approx(4096).epsilon(0.01));
  CHECK(l.edges_to_fill().empty());
  CHECK(l.erase(at(0x8030)));
  CHECK_FALSE(l.whole_ring());
  CHECK_FALSE(l.spans(at(0x2000)));
  CHECK(l.edges_to_fill() == std::vector{at(0x8080)});
  CHECK(l.right().size() == 7);
  CHECK(l.left().size() == 8);
  CHECK_FALSE(l.would_take(at(0x2000)));
  CHECK_FALSE(l.would_take(at(0x7f00)));
  CHECK(l.would_take(at(0x7f88)));  // nearer than the farthest on its side
  CHECK(l.insert(at(0x7f88)));
  CHECK_FALSE(l.contains(at(0x7f80)));
  CHECK(l.insert(at(0x8090)));
  CHECK(l.right().back() == at(0x8090));
  CHECK(l.edges_to_fill().empty());
}

TEST_CASE("a side with room takes the neighbour that its farthest member names, however far it is") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 8; ++i) {
    l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x10)));
    l.insert(at(static_cast<std::uint16_t>(0x8000 - i * 0x10)));
  }
  CHECK(l.erase(at(0x8030)));
  l.note_neighbours(at(0x8070), {at(0x8060)}, {at(0xa000)});  // it is not the farthest
  CHECK_FALSE(l.would_take(at(0xa000)));
  l.note_neighbours(at(0x8080), {at(0x8070)}, {at(0xb000), at(0xc000)});
  CHECK(l.would_take(at(0xb000)));
  CHECK_FALSE(l.would_take(at(0xc000)));
  CHECK(l.insert(at(0xb000)));
  CHECK(l.right().back() == at(0xb000));
  CHECK(l.right().size() == 8);
  CHECK(l.edges_to_fill().empty());
  CHECK(l.erase(at(0xb000)));
  CHECK_FALSE(l.would_take(at(0xb000)));  // it was named for another gap
}

TEST_CASE("a ring that shrinks is known whole again") {
  leaf_set l(at(0x8000), 16);
  for (std::uint16_t i = 1; i <= 20; ++i) l.insert(at(static_cast<std::uint16_t>(0x8000 + i * 0x0c00)));
  CHECK_FALSE(l.whole_ring());
  const auto all = l.members();
  for (std::size_t i = 0; i < 3; ++i) l.erase(all[i * 5]);
  CHECK(l.whole_ring());
  CHECK(l.would_take(at(0x8100)));
}

TEST_CASE("a node's neighbours are the nearest of each side, around zero too") {
  leaf_set l(at(0xfff0), 4);
  CHECK(l.empty());
  CHECK_FALSE(l.has_neighbour(at(0)));
  for (const auto n : {0x0010, 0xff00, 0x4000, 0xc000}) l.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(l.right_neighbour() == at(0x0010));
  CHECK(l.left_neighbour() == at(0xff00));
  CHECK(l.has_neighbour(at(0x0010)));
  CHECK_FALSE(l.has_neighbour(at(0x4000)));
  CHECK(l.right() == std::vector{at(0x0010), at(0x4000)});
  CHECK(l.left() == std::vector{at(0xff00), at(0xc000)});
  CHECK(l.spans(at(0xfff8)));
  CHECK(l.spans(at(0x0001)));
  CHECK_FALSE(l.spans(at(0x8000)));
}

TEST_CASE("a leaf set counts how often it has become another") {
  leaf_set l(at(0x8000), 4);
  l.insert(at(0x9000));
  const auto once = l.changes();
  l.insert(at(0x9000));
  CHECK_FALSE(l.erase(at(0x1000)));
  CHECK(l.changes() == once);
  CHECK(l.erase(at(0x9000)));
  CHECK(l.changes() != once);
}

TEST_CASE("a ring that is known whole has its nodes, and of others the set's share of all ids tells how many there are") {
  leaf_set l(at(0x8000), 4);
  CHECK(l.ring_size_estimate() == doctest::Approx(1));
  CHECK(l.insert(at(0x1000)));
  CHECK(l.ring_size_estimate() == doctest::Approx(2));
  for (const auto n : {0x7000, 0x9000, 0x6000, 0xa000}) l.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(l.ring_size_estimate() == doctest::Approx(16));  // four within a quarter
}

TEST_CASE("another node's leaf set is made of the sides that it tells; one of no size takes nobody") {
  const auto l = leaf_set_of(at(0x8000), 4, {at(0x7000), at(0x6000)}, {at(0x9000), at(0xa000)});
  CHECK(l.left() == std::vector{at(0x7000), at(0x6000)});
  CHECK(l.right() == std::vector{at(0x9000), at(0xa000)});
  leaf_set none(at(0x8000), 0);
  CHECK_FALSE(none.insert(at(0x9000)));
}

}  // namespace leaf_set_test
