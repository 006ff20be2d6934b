// ErrorResponse (RFC 6940 s.6.3.3.1).
#include "overlay/reload/message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::overlay::message_contents m;
  m.code = phyllo::overlay::code::error;
  m.body = phyllo::core::to_bytes(input);
  if (const auto e = phyllo::overlay::read_error(m)) {
    (void)phyllo::overlay::to_error(*e).message();
    if (phyllo::overlay::make_error(e->code, e->info).body != m.body) std::abort();
  }
  return 0;
}
