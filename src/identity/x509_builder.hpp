// The parts of certificates that both of our authorities make: overlay certificates' and web certificates'.
#pragma once

#include <chrono>
#include <string_view>

#include "boringssl.hpp"

namespace phyllo::identity {

// A node whose clock is a little slow must not find a fresh certificate "not yet valid".
inline constexpr auto clock_skew = std::chrono::hours(24);

// Version 3, a random serial number, a validity.
[[nodiscard]] bssl::UniquePtr<X509> blank_x509(core::wall_time from, core::wall_time to);
void add_extension(X509* x, int nid, bool critical, core::byte_view der);
void set_common_name(X509* x, std::string_view name);
// Subject, issuer and key of a self-issued certificate authority, and its extensions.
void make_authority(X509* x, std::string_view name, EVP_PKEY* key);
// Issuer's name and key identifier; the latter tells an authority from its successor of the same name.
void set_issuer(X509* x, X509* issuer);

}  // namespace phyllo::identity
