// The spelling of names that certificates carry and that keys of records and digests are made of: refused here, a
// name can not smuggle a quote, a colon or a NUL into any of them (RFC 6940 s.11.3 asks for this care).
#pragma once

#include <string>
#include <string_view>

namespace phyllo::identity {

// Dot-separated labels of lower-case letters, digits and inner hyphens, at most 253 characters (RFC 1034 s.3.5).
[[nodiscard]] bool valid_domain(std::string_view text) noexcept;

// local@domain with one '@': the local part is 1 to 64 letters, digits or the unescaped marks of a SIP user part
// (RFC 3261 s.25.1); the domain is a valid_domain.
[[nodiscard]] bool valid_user(std::string_view text) noexcept;

// 1 to 253 printable characters without spaces, '@', '/', quotes, '<', '>' and '&': it stands in URIs and XML.
[[nodiscard]] bool valid_overlay_name(std::string_view text) noexcept;

// The user with its domain in lower case, the one spelling that is stored; the local part stays (it is compared
// byte for byte, RFC 3261 s.19.1.4). What is not a user stays what it is.
[[nodiscard]] std::string canonical_user(std::string_view text);

}  // namespace phyllo::identity
