// What a certificate entitles its subject to, as certificate policies (RFC 5280 s.4.2.1.4), so that every reader of X.509 can show it:
//   SEQUENCE OF 1..2 {
//     { policyIdentifier 2.25.164986153339372976589263473758649997841,    -- authority for domains
//       policyQualifiers SEQUENCE OF { id-qt-cps, IA5String "sip:example.com" } },   -- one a domain, lower case
//     { policyIdentifier 2.25.4039175612053041324797558368087345811 } }   -- the right to be a peer
// Each at most once, in any order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/bytes.hpp"

namespace phyllo::identity {

struct certificate_policies {
  std::vector<std::string> domains;  // empty: no authority
  bool peer = false;

  [[nodiscard]] bool empty() const noexcept { return domains.empty() && !peer; }
  // The content of the extension certificatePolicies. Must not be empty().
  [[nodiscard]] core::bytes encode() const;
  // Nothing: not DER, no policy, a policy twice or another one, no domain or too many, one that is not a lower-case domain, a qualifier
  // where none belongs.
  [[nodiscard]] static std::optional<certificate_policies> decode(core::byte_view der);
};

}  // namespace phyllo::identity
