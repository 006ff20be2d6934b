// The value of an Authorization header as it comes from a stranger, through sofia's cut and ours, to the comparison.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "sip/digest.hpp"
#include "sip/message.hpp"
#include "sip/message_fields.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string_view value = core::as_text({data, size});
  auto m = sip::message::request("REGISTER", "sip:example.com", "<sip:a@example.com>;tag=1", "<sip:a@example.com>", "c", 1).value();
  if (!m.add_header("Authorization", value)) return 0;
  const std::vector<std::string> own{"example.com"};
  for (const auto& c : credentials_in(m, sip::field::authorization)) {
    const auto credentials = sip::digest_credentials::from(c);
    if (!credentials) continue;
    static_cast<void>(credentials->count());
    static_cast<void>(sip::digest_uri_acceptable(credentials->uri, m.request_uri().text(), own));
    const auto algorithm = sip::parse_digest_algorithm(credentials->algorithm);
    if (!algorithm) continue;
    // No input knows the secret.
    const auto ha1 = sip::digest_hash(*algorithm, "a:example.com:secret");
    if (sip::digest_matches(*credentials, *algorithm, ha1, "REGISTER")) std::abort();
  }
  return 0;
}
