// The errors of tier identity.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::identity {

enum class errc {
  malformed_key = 1,      // not an Ed25519 key in the form asked for
  malformed_certificate,  // not X.509v3 of the form that spec A1 asks for
  malformed_document,     // not a well-formed configuration document
  unknown_issuer,         // signed by none of the overlay's trust anchors
  expired,                // outside its validity
  revoked,                // its Node-ID is a <bad-node> of the configuration
  wrong_overlay,          // issued for another overlay
  bad_signature,          // the signature does not verify
  unknown_signer,         // the signer's certificate is not at hand
  unsupported_algorithm,  // a hash or signature algorithm we do not verify
  not_sealed_for_us,      // HPKE opening failed
  older_document,         // a configuration with a lower or equal sequence
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::identity

template <>
struct std::is_error_code_enum<phyllo::identity::errc> : std::true_type {};
