// PingReq and PingAns (RFC 6940 s.6.5.3).
#include "overlay/reload/diagnostic_messages.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  (void)phyllo::overlay::check_ping_request(input);
  phyllo::fuzz::reencoded<phyllo::overlay::ping_answer>(input);
  return 0;
}
