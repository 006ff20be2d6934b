// MessageContents with extensions, and the SecurityBlock (RFC 6940 s.6.3.3, s.6.3.4).
#include "overlay/reload/diagnostic_messages.hpp"
#include "overlay/reload/message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  (void)phyllo::overlay::peek_code(input);
  (void)phyllo::overlay::diagnostics_in(input);
  const auto p = phyllo::overlay::open_payload(input);
  if (!p) return 0;
  if (p->signed_part.size() > size || p->contents.body.size() > size) std::abort();
  (void)p->signature.certificate_hash();
  (void)phyllo::overlay::read_error(p->contents);
  return 0;
}
