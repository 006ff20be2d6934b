// TurnServer, the value of TURN-SERVICE (RFC 6940 s.9).
#include "overlay/kinds/turn_server.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::turn_server>(input);
  return 0;
}
