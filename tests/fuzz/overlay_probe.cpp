// ProbeReq and ProbeAns (RFC 6940 s.6.4.2.5).
#include "overlay/reload/diagnostic_messages.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::probe_request>(input);
  phyllo::fuzz::reencoded<phyllo::overlay::probe_answer>(input);
  return 0;
}
