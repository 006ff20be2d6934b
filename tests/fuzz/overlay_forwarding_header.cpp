// The forwarding header with via list, destination list and options (RFC 6940 s.6.3.2), of whole messages and of fragments.
#include "overlay/reload/forwarding_header.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  const auto m = phyllo::overlay::parse_header(input);
  if (!m) return 0;
  (void)phyllo::overlay::has_duplicates(m->header.destinations);
  for (const auto& o : phyllo::overlay::copied_to_response(m->header.options)) {
    if (o.flags != 0) std::abort();
  }
  const auto text = m->header.message(m->payload);
  const auto again = phyllo::overlay::parse_header(text);
  if (!again || again->header.via != m->header.via || again->header.destinations != m->header.destinations) std::abort();
  if (again->header.options != m->header.options || again->header.fragment != m->header.fragment) std::abort();
  return 0;
}
