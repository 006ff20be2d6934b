// A small overlay of certificates for tests: one authority, a fixed time, and credentials by name.
#pragma once

#include <doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::testing {

inline const std::string overlay_name = "ring.example.com";
inline const core::wall_time today = core::from_unix_milliseconds(1767225600000);  // 2026-01-01T00:00:00Z

inline identity::node_id numbered(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(0x5a);
  id.octets.back() = n;
  return id;
}

inline identity::authority::request request_for(std::uint8_t n, const std::string& user, std::vector<std::string> domains = {}) {
  return {numbered(n), user, overlay_name, std::move(domains), today - std::chrono::hours(1), today + std::chrono::hours(24 * 7)};
}

inline identity::credential credential_for(const identity::authority& ca, const identity::authority::request& r) {
  auto key = identity::private_key::generate();
  auto c = ca.issue(r, key.native()).value();
  return {std::move(c), std::move(key)};
}

inline identity::credential credential_for(const identity::authority& ca, std::uint8_t n, const std::string& user) {
  return credential_for(ca, request_for(n, user));
}

}  // namespace phyllo::testing
