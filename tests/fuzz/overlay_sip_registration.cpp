// SipRegistration, the value of SIP-REGISTRATION (RFC 7904 s.3.2).
#include "overlay/kinds/sip_registration.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::sip_registration>(input);
  return 0;
}
