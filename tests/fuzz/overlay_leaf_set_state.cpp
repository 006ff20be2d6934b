// LeafSetState and rows of the routing table.
#include "overlay/pastry/leaf_set_state.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::streamed<phyllo::overlay::leaf_set_state>(input);
  phyllo::core::wire_reader r(input);
  (void)phyllo::overlay::read_rows(r);
  return 0;
}
