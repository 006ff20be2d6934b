// The certificate extension that gives its subject authority for domains; private, non-critical.
//   OID 2.25.164986153339372976589263473758649997841
//   SEQUENCE { version INTEGER (1), domains SEQUENCE OF IA5String }   -- lower case
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "boringssl.hpp"

namespace phyllo::identity {

inline constexpr std::size_t authority_domains_max = 64;

[[nodiscard]] bssl::UniquePtr<ASN1_OBJECT> domain_authority_oid();
[[nodiscard]] core::bytes encode_domain_authority(const std::vector<std::string>& domains);
// Nothing: not DER, another version, no domain or too many, or one that is not a lower-case domain.
[[nodiscard]] std::optional<std::vector<std::string>> decode_domain_authority(core::byte_view der);

}  // namespace phyllo::identity
