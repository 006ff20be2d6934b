// Sequences of requests, valid and not, at a TURN server: what its shell relies on holds, and in the end nothing is left.
#include <cstddef>
#include <cstdint>

#include "nat_turn.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nat_turn::sequence({data, size}).run();
  return 0;
}
