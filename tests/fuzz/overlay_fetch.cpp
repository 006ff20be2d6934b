// FetchReq and FetchAns (RFC 6940 s.7.4.2); a StatReq is a FetchReq.
#include "overlay/storage/fetch_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  const auto kinds = phyllo::overlay::known_kinds();
  if (const auto m = phyllo::overlay::fetch_request::decode(input, kinds)) {
    if (m->unknown.empty() && m->encode(kinds) != phyllo::core::to_bytes(input)) std::abort();
    for (const auto& s : m->specifiers) {
      const auto missing = phyllo::overlay::missing_from(s, phyllo::overlay::find_kind(kinds, s.kind)->model, {}, 0xfffffff0);
      if (missing.size() > phyllo::overlay::gaps_max + s.keys.size()) std::abort();
    }
  }
  if (const auto m = phyllo::overlay::fetch_answer::decode(input, kinds)) {
    if (m->encode() != phyllo::core::to_bytes(input)) std::abort();
  }
  return 0;
}
