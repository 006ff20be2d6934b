// The security block of signed documents (RFC 6940 s.6.3.4): certificates, then a signature, in base64.
//
//   length (2) | { type (1, 0 = X.509) | length (2) | certificate }... | signature
//
// The overlay's messages have codecs of their own; this one is for the configuration document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/identity/signature.hpp"

namespace phyllo::identity {

struct security_block {
  std::vector<certificate> certificates;
  identity::signature signature;

  // Signs `data`; with_certificate puts the signer's own beside the signature.
  [[nodiscard]] static security_block sign(const credential& by, std::string_view data, bool with_certificate);
  [[nodiscard]] std::string base64() const;
  // Nothing: not base64, not a security block. Certificates that do not parse or are not X.509 are left out.
  [[nodiscard]] static std::optional<security_block> parse(std::string_view base64);
};

}  // namespace phyllo::identity
