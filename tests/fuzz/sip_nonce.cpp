// Nonces that strangers made up: none is ever taken for ours.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "phyllo/sip/service_settings.hpp"
#include "sip/nonce.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string_view text = core::as_text({data, size});
  const core::bytes secret(32, 0x5a);
  const core::byte_view keys[] = {secret};
  sip::nonce_book book(sip::digest_settings().nonce_lifetime);
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  if (book.use(keys, text, 1, now, "example.com") || book.remembered() != 0) std::abort();
  return 0;
}
