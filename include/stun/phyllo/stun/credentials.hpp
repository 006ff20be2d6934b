// The keys of STUN's credential mechanisms (RFC 8489 s.9): short-term, long-term by MD5 and SHA-256, and what stands for a user's name.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/stun/value.hpp"

namespace phyllo::stun {

// A key for integrity: 16 octets of MD5, or 32 of SHA-256.
class long_term_key {
 public:
  long_term_key() = default;
  explicit long_term_key(core::byte_view octets) noexcept;
  [[nodiscard]] core::byte_view octets() const noexcept { return core::byte_view(octets_).first(size_); }

 private:
  std::array<std::uint8_t, 32> octets_{};
  std::size_t size_ = 0;
};

using user_hash = std::array<std::uint8_t, 32>;

// RFC 8489 s.9.2.2, s.18.5.1. All three have been prepared.
[[nodiscard]] long_term_key make_long_term_key(password_algorithm a, std::string_view username, std::string_view realm,
                                               std::string_view password);
// RFC 8489 s.14.4.
[[nodiscard]] user_hash hash_of_user(std::string_view username, std::string_view realm);

// OpaqueString (RFC 8265 s.4), as USERNAME, REALM and passwords ask for. What it does to text beyond ASCII needs tables that we have not:
// nullopt for such text, for control characters, and for nothing. A short-term key is the octets of a prepared password (RFC 8489 s.9.1.1).
[[nodiscard]] std::optional<std::string> opaque_string(std::string_view text);

}  // namespace phyllo::stun
