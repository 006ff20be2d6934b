// PathTrackReq and PathTrackAns (RFC 7851 s.4.3.1).
#include "overlay/reload/diagnostic_messages.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::path_track_request>(input);
  phyllo::fuzz::reencoded<phyllo::overlay::path_track_answer>(input);
  return 0;
}
