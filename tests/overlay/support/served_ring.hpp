// A ring that has settled, and the usages of its peers.
#pragma once

#include "overlay/support/simulated_ring.hpp"

namespace phyllo::testing {

struct served_ring : simulated_ring {
  explicit served_ring(std::size_t n) : simulated_ring(7) {
    while (peers.size() < n) add();
    REQUIRE(join_all(60s));
    REQUIRE(settle(60s));
    world.run_for(2s);
  }
  overlay::usages& uses(std::size_t i) { return peers[i]->peer->uses(); }
};

}  // namespace phyllo::testing
