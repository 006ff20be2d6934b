// StatAns (RFC 6940 s.7.4.3).
#include "overlay/storage/fetch_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  if (const auto m = phyllo::overlay::stat_answer::decode(input, phyllo::overlay::known_kinds())) {
    if (m->encode() != phyllo::core::to_bytes(input)) std::abort();
  }
  return 0;
}
