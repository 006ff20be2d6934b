// AttachReqAns (RFC 6940 s.6.5.1), and what of it is dialled.
#include "overlay/reload/attach_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::attach_message>(input);
  if (const auto a = phyllo::overlay::attach_message::decode(input)) (void)phyllo::overlay::diallable(a->candidates);
  return 0;
}
