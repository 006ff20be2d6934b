#include "pastry/ring_density.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace ring_density_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::at;

TEST_CASE("nodes nearer to a key are counted where the ring is known, and reckoned by its density beyond") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) l.insert(at(static_cast<std::uint16_t>(n)));
  const ring_density here(l, at(0x8000), at(0x8500));
  CHECK(here.covered());
  CHECK(here.rank(at(0x8800)) == doctest::Approx(1));
  CHECK(here.rank(at(0x8000)) == doctest::Approx(2));
  CHECK(here.rank(at(0x9000)) == doctest::Approx(3));
  const ring_density beside(l, at(0x8000), at(0x9400));  // of what lies farther right nothing is known
  CHECK_FALSE(beside.covered());
  CHECK(beside.rank(at(0x9000)) == doctest::Approx(1 + 1));      // nobody counted, 0x800 reckoned
  CHECK(beside.rank(at(0x8800)) == doctest::Approx(1 + 1 + 2));  // 9000 counted, 9000 to a000 reckoned
  const ring_density far(l, at(0x8000), at(0x1000));
  CHECK(far.rank(at(0x1400)) == doctest::Approx(2));
  CHECK(far.rank(at(0x0000)) == doctest::Approx(5));
  leaf_set all(at(0x8000), 8);  // the whole ring
  for (const auto n : {0x1000, 0x4000, 0xc000}) all.insert(at(static_cast<std::uint16_t>(n)));
  CHECK(ring_density(all, at(0x8000), at(0x5000)).rank(at(0xc000)) == doctest::Approx(4));
}

TEST_CASE("a node that is farther from a key never has a lesser rank, wherever the key lies") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) l.insert(at(static_cast<std::uint16_t>(n)));
  for (const std::uint16_t key : std::initializer_list<std::uint16_t>{0x8000, 0x8500, 0x6fff, 0x9001, 0x1000, 0x0000, 0xffff}) {
    CAPTURE(key);
    const ring_density density(l, at(0x8000), at(key));
    double before = 0;
    for (std::uint32_t away = 0; away <= 0x8000; away += 0x100) {
      const auto rank = density.rank(at(static_cast<std::uint16_t>(key + away)));
      CHECK(rank >= before);
      CHECK(rank == doctest::Approx(density.rank(at(static_cast<std::uint16_t>(key - away)))));
      before = rank;
    }
    CHECK(density.rank(at(key)) >= 1);
  }
}

TEST_CASE("a key is covered between the edges of what is known, and anywhere where that is the whole ring") {
  leaf_set l(at(0x8000), 4);
  for (const auto n : {0x7000, 0x7800, 0x8800, 0x9000}) l.insert(at(static_cast<std::uint16_t>(n)));
  const auto covered = [&](std::uint16_t key) { return ring_density(l, at(0x8000), at(key)).covered(); };
  CHECK(covered(0x7000));
  CHECK(covered(0x9000));
  CHECK_FALSE(covered(0x6fff));
  CHECK_FALSE(covered(0x9001));
  l.erase(at(0x7800));
  CHECK(covered(0x1000));
}

}  // namespace ring_density_test
