// Nonces of a STUN server that keeps none of them (RFC 8489 s.9.2): the nonce cookie with the security features, a time, and a MAC under
// a key of the server's over time and client. A nonce is good for one client address and port, for its lifetime.
//
//  "obMatJos2" | base64 of 24 feature bits (4) | base64 of seconds (4) and MAC (11 octets): 20
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "phyllo/core/endpoint.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::stun {

// RFC 8489 s.18.1: bit 0 is the leftmost of 24.
inline constexpr std::uint32_t feature_password_algorithms = 0x800000;
inline constexpr std::uint32_t feature_username_anonymity = 0x400000;

inline constexpr std::string_view nonce_cookie = "obMatJos2";
// Of a nonce with the cookie; 0: there is no cookie, which says as much (RFC 8489 s.9.2.1).
[[nodiscard]] std::uint32_t features_of(std::string_view nonce) noexcept;

class nonce_maker {
 public:
  static constexpr std::size_t size = 33;
  using text = std::array<char, size>;
  using key = std::array<std::uint8_t, 32>;

  // `key` must be random and secret; whoever has the same takes this one's nonces. `features`: what all nonces say.
  nonce_maker(const key& k, std::uint32_t features, std::chrono::seconds lifetime) : key_(k), features_(features), lifetime_(lifetime) {}

  [[nodiscard]] text make(const core::endpoint& client, core::time_point now) const;
  // Whether it was made here for that client, and not too long ago. Anything else is stale (438).
  [[nodiscard]] bool good(std::string_view nonce, const core::endpoint& client, core::time_point now) const;

 private:
  [[nodiscard]] text sealed(std::uint32_t seconds, const core::endpoint& client) const;

  key key_;
  std::uint32_t features_;
  std::chrono::seconds lifetime_;
};

}  // namespace phyllo::stun
