// Messages of strangers at a glance, and the refusals that are copied from them: a refusal is a response, and not much longer than its
// request.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "sip/glance.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string_view text = core::as_text({data, size});
  const auto seen = sip::glance::at(text);
  static_cast<void>(sip::parameter_of(seen.credentials, "realm"));
  static_cast<void>(sip::parameter_of(seen.credentials, "nonce"));
  const auto refusal = sip::unavailable_to(text, "busy-1", 15);
  if (refusal.empty()) return 0;
  if (refusal.size() > size + 160 || !refusal.starts_with("SIP/2.0 503 ") || !refusal.ends_with("\r\n\r\n")) std::abort();
  return 0;
}
