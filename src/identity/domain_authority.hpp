// The certificate policy under which its subject has authority for domains (RFC 5280 s.4.2.1.4), so that every reader of X.509 can show it:
//   SEQUENCE OF 1 { policyIdentifier 2.25.164986153339372976589263473758649997841,
//                   policyQualifiers SEQUENCE OF { id-qt-cps, IA5String "sip:example.com" } }   -- one a domain, lower case
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/bytes.hpp"

namespace phyllo::identity {

inline constexpr std::size_t authority_domains_max = 64;

// The content of the extension certificatePolicies.
[[nodiscard]] core::bytes encode_domain_authority(const std::vector<std::string>& domains);
// Nothing: not DER, another policy or more than this, no domain or too many, or one that is not a lower-case domain.
[[nodiscard]] std::optional<std::vector<std::string>> decode_domain_authority(core::byte_view der);

}  // namespace phyllo::identity
