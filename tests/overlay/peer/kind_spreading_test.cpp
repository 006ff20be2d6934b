#include "peer/kind_spreading.hpp"

#include <doctest.h>

#include "overlay/support/kind_ring.hpp"
#include "phyllo/overlay/errc.hpp"

namespace kind_spreading_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

TEST_CASE("a Kind that one node takes is soon known to all, and its values are stored and read") {
  kind_ring ring(6);
  CHECK(ring.store(3).error() == errc::unknown_kind);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.world.run_for(1s);
  for (const std::size_t by : {0U, 3U, 5U}) {
    const auto stored = ring.store(by);
    CHECK_MESSAGE(stored.has_value(), (stored ? "" : stored.error().message()));
    CHECK(ring.values(1, by) == 1);
  }
}

TEST_CASE("a node that joins later is told of such Kinds, and serves them") {
  kind_ring ring(4);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.grow(6);
  CHECK(ring.store(5).has_value());
  CHECK(ring.values(4, 5) == 1);
}

TEST_CASE("a Kind that is known already is news to nobody, and is sent to nobody") {
  kind_ring ring(4);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.world.run_for(2s);
  unsigned updates = 0;
  ring.network.tap = [&](unsigned, unsigned, core::bytes& message) {
    const auto m = overlay::parse_header(message);
    updates += m && overlay::peek_code(m->payload) == overlay::code::config_update_req ? 1U : 0U;
  };
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.world.run_for(2s);
  CHECK(updates == 0);
  REQUIRE(ring.adopt(0, ring.block(4, kind_ring::notes + 1)).has_value());
  ring.world.run_for(2s);
  CHECK(updates >= 3);
}

}  // namespace kind_spreading_test
