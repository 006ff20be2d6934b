// StoreReq and StoreAns (RFC 6940 s.7.4.1), with the values of all registered Kinds.
#include "overlay/storage/store_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  if (const auto m = phyllo::overlay::store_request::decode(input, phyllo::overlay::known_kinds())) {
    if (m->unknown.empty() && m->encode() != phyllo::core::to_bytes(input)) std::abort();
  }
  phyllo::fuzz::encoded<phyllo::overlay::store_answer>(input);
  return 0;
}
