// The certificate that TLS clients outside the overlay see (HTTPS, SIPS), for hosts that were given none: P-256,
// because browsers and most phones refuse Ed25519.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::identity {

struct web_identity {
  std::string certificate_pem;
  std::string key_pem;  // PKCS#8
};

// `names` are domain names and IP addresses, at least one. Valid from an hour before `now`. Self-signed, so that its
// PEM is the anchor for its clients.
[[nodiscard]] web_identity make_web_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity);

// An authority for web certificates, itself an anchor: with one, the clients of many hosts need one PEM only.
// `name` is its common name; valid ten years from `now`.
[[nodiscard]] web_identity make_web_authority(std::string_view name, core::wall_time now);

// As above, issued by `issuer`. malformed_certificate or malformed_key: the issuer's PEM does not parse, or does not
// belong together.
[[nodiscard]] core::result<web_identity> make_web_certificate(const std::vector<std::string>& names, core::wall_time now,
                                                              core::duration validity, const web_identity& issuer);

}  // namespace phyllo::identity
