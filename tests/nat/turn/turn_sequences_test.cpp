// The fuzz target's sequences, from random octets of a printed seed.
#include <doctest.h>

#include <random>

#include "../../fuzz/nat_turn.hpp"

namespace turn_sequences_test {

TEST_CASE("whatever comes in whatever order, ports are opened and closed in turn, denied peers get nothing, and nothing is left") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 numbers(seed);
    std::vector<std::uint8_t> octets(2000);
    for (auto& o : octets) o = static_cast<std::uint8_t>(numbers());
    nat_turn::sequence(octets).run();
    CHECK(true);
  }
}

}  // namespace turn_sequences_test
