// ConfigUpdateReq (RFC 6940 s.6.5.4).
#include "overlay/reload/config_update_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::config_update_request>(input);
  return 0;
}
