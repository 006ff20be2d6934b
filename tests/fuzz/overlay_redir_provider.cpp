// RedirServiceProvider, the value of REDIR (RFC 7374 s.4.1).
#include "overlay/kinds/redir_provider.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::redir_provider>(input);
  if (const auto p = phyllo::overlay::redir_provider::decode(input)) {
    (void)p->place.resource();
    (void)p->place.covers({});
    (void)phyllo::overlay::redir_interval(p->place.level, {});
  }
  return 0;
}
