// AppAttachReq and AppAttachAns (RFC 6940 s.6.5.2).
#include "overlay/reload/attach_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::app_attach_message>(input);
  return 0;
}
