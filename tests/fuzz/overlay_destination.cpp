// One Destination, and a list of them (RFC 6940 s.6.3.2.2).
#include "overlay/reload/destination.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::streamed<phyllo::overlay::destination>(input);
  if (const auto list = phyllo::overlay::decode_destinations(input, 128)) (void)phyllo::overlay::has_duplicates(*list);
  return 0;
}
