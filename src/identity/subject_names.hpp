// The subject alternative name of overlay certificates and requests: at most one URI and one mail name
// (RFC 5280 s.4.2.1.6; RFC 6940 s.11.3 allows no other identity).
#pragma once

#include <optional>
#include <string>

#include "boringssl.hpp"

namespace phyllo::identity {

struct subject_names {
  std::string uri;   // empty: none
  std::string mail;  // empty: none

  [[nodiscard]] core::bytes encode() const;
  // Nothing: not DER, a name of another kind, a second of one kind, or bytes outside printable ASCII.
  [[nodiscard]] static std::optional<subject_names> decode(core::byte_view der);
};

// An extension of `der` content; the caller adds it to a certificate or request.
[[nodiscard]] bssl::UniquePtr<X509_EXTENSION> make_extension(const ASN1_OBJECT* oid, bool critical, core::byte_view der);
[[nodiscard]] core::byte_view extension_content(const X509_EXTENSION* e);

}  // namespace phyllo::identity
