// The certificate that TLS clients outside the overlay see, for hosts that were given none: self-signed, P-256
// (browsers and most phones refuse Ed25519), its own trust anchor.
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/time.hpp"

namespace phyllo::identity {

struct web_identity {
  std::string certificate_pem;
  std::string key_pem;  // PKCS#8
};

// `names` are domain names and IP addresses, at least one (RFC 5280 s.4.2.1.6: an empty subject needs them). Valid
// from an hour before `now`.
[[nodiscard]] web_identity make_web_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity);

}  // namespace phyllo::identity
