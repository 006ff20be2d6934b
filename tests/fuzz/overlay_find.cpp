// FindReq and FindAns (RFC 6940 s.7.4.4).
#include "overlay/storage/fetch_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::encoded<phyllo::overlay::find_request>(input);
  phyllo::fuzz::encoded<phyllo::overlay::find_answer>(input);
  return 0;
}
