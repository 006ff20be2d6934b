// The dictionary key of a RESOURCE (record.md).
#include "overlay/kinds/resource_key.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::encoded<phyllo::overlay::resource_key>(input);
  return 0;
}
