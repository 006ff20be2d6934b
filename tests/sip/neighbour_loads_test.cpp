#include "sip/neighbour_loads.hpp"

#include <doctest.h>

namespace neighbour_loads_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

TEST_CASE("a neighbour's word holds for as long as it says, and the newest one counts") {
  neighbour_loads loads(core::hash_key{});
  identity::node_id one, other;
  one.octets.fill(1);
  other.octets.fill(2);
  const core::time_point now(1000s);
  CHECK(loads.wanted(one, now) == 1);
  loads.heard(one, {75, 500ms, 10}, now);
  CHECK(loads.wanted(one, now + 499ms) == doctest::Approx(0.25));
  CHECK(loads.wanted(one, now + 500ms) == 1);
  CHECK(loads.wanted(other, now) == 1);
  loads.heard(one, {20, 500ms, 9}, now + 1ms);  // was on its way for longer
  CHECK(loads.wanted(one, now + 2ms) == doctest::Approx(0.25));
  loads.heard(one, {0, 0ms, 11}, now + 3ms);
  CHECK(loads.wanted(one, now + 4ms) == 1);
  loads.heard(one, {75, 500ms, 10}, now + 5ms);
  CHECK(loads.wanted(one, now + 6ms) == 1);
  loads.heard(one, {75, 500ms, 1}, now + 6s);  // a clock that was set back
  CHECK(loads.wanted(one, now + 6s) == doctest::Approx(0.25));
}

TEST_CASE("a node that is to be sent nothing is sent nothing, and as many are known as have room") {
  neighbour_loads loads(core::hash_key{});
  const core::time_point now(1000s);
  const auto node = [](std::size_t n) {
    identity::node_id id;
    id.octets.at(0) = static_cast<std::uint8_t>(n >> 8);
    id.octets.at(1) = static_cast<std::uint8_t>(n);
    return id;
  };
  loads.heard(node(0), {100, 60'000ms, 1}, now);
  CHECK(loads.wanted(node(0), now) == 0);
  for (std::size_t n = 1; n < neighbour_loads::nodes_max; ++n) loads.heard(node(n), {50, 60'000ms, 1}, now);
  CHECK(loads.wanted(node(0), now) == 0);
  loads.heard(node(neighbour_loads::nodes_max), {50, 60'000ms, 1}, now);
  CHECK(loads.wanted(node(neighbour_loads::nodes_max), now) == doctest::Approx(0.5));
  std::size_t known = 0;
  for (std::size_t n = 0; n <= neighbour_loads::nodes_max; ++n) known += loads.wanted(node(n), now) < 1 ? 1U : 0U;
  CHECK(known == neighbour_loads::nodes_max);
}

TEST_CASE("an older report is passed over for as long as it may have been on its way") {
  neighbour_loads loads(core::hash_key{});
  const identity::node_id one;
  const core::time_point now(1000s);
  loads.heard(one, {50, 60'000ms, 10}, now);
  loads.heard(one, {75, 60'000ms, 9}, now + neighbour_loads::in_flight - 1ms);
  CHECK(loads.wanted(one, now + 5s) == doctest::Approx(0.5));
  loads.heard(one, {75, 60'000ms, 9}, now + neighbour_loads::in_flight);
  CHECK(loads.wanted(one, now + 5s) == doctest::Approx(0.25));
}

}  // namespace neighbour_loads_test
