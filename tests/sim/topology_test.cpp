#include "phyllo/sim/topology.hpp"

#include <doctest.h>

#include <algorithm>

namespace topology_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("distances are symmetric, and the same for the same seed") {
  for (const auto make :
       {+[](std::uint64_t s) { return sim::make_plane(s); }, +[](std::uint64_t s) { return sim::make_transit_stub(s); }}) {
    const auto one = make(1), same = make(1), other = make(2);
    unsigned differ = 0;
    for (unsigned a = 0; a < 40; ++a) {
      for (unsigned b = 0; b < a; ++b) {
        CHECK(one->one_way(a, b) == one->one_way(b, a));
        CHECK(one->one_way(a, b) == same->one_way(a, b));
        CHECK(one->one_way(a, b) < 250ms);
        differ += one->one_way(a, b) != other->one_way(a, b) ? 1 : 0;
      }
    }
    CHECK(differ > 700);
  }
}

TEST_CASE("all hosts of a flat network are equally far from each other") {
  const auto flat = sim::make_flat(7ms);
  CHECK(flat->one_way(0, 1) == 7ms);
  CHECK(flat->one_way(1000, 3) == 7ms);
}

TEST_CASE("on a plane the way by a third host is no shorter, and no way is longer than the diagonal") {
  const auto plane = sim::make_plane(5, 100ms);
  core::duration longest{};
  for (unsigned a = 0; a < 20; ++a) {
    for (unsigned b = 0; b < 20; ++b) {
      longest = std::max(longest, plane->one_way(a, b));
      CHECK(plane->one_way(a, b) < 142ms);
      for (unsigned c = 0; c < 20; ++c) CHECK(plane->one_way(a, b) <= plane->one_way(a, c) + plane->one_way(c, b) + 1us);
    }
  }
  CHECK(longest > 50ms);
  CHECK(plane->one_way(3, 3) == 0ms);
}

TEST_CASE("between stub domains of a transit network a message crosses both local networks and both ways up") {
  const auto t = sim::make_transit_stub(5);
  std::size_t within = 0;
  std::size_t beyond = 0;
  for (unsigned a = 0; a < 150; ++a) {
    for (unsigned b = 0; b < a; ++b) {
      const auto d = t->one_way(a, b);
      CHECK(d >= 2ms);
      // Within a stub domain: 2 ms, and two routers of 1 to 4 ms. Beyond it two ways up of 5 to 15 ms more.
      const bool near = d <= 10ms;
      CHECK((near || d >= 14ms));
      ++(near ? within : beyond);
    }
  }
  CHECK(within > 0);
  CHECK(beyond > 100 * within);
}

}  // namespace topology_test
