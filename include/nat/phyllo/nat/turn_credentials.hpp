// Who may use the TURN server: the keys of users (RFC 8489 s.9.2), by whatever keeps them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/time.hpp"
#include "phyllo/stun/credentials.hpp"

namespace phyllo::nat {

class turn_credentials {
 public:
  virtual ~turn_credentials() = default;
  // The long-term key of that user; nullopt: there is no such user, now. All who have one account are counted together by the name.
  [[nodiscard]] virtual std::optional<stun::long_term_key> key_of(std::string_view username, std::string_view realm,
                                                                  stun::password_algorithm a, core::wall_time now) const = 0;
  // Whether user_of() answers, so that clients may be told to hide their names (RFC 8489 s.9.2, "Username anonymity").
  [[nodiscard]] virtual bool knows_names() const noexcept { return false; }
  // Whom a USERHASH stands for; nullopt: nobody, or this knows no names.
  [[nodiscard]] virtual std::optional<std::string> user_of(const stun::user_hash& hash, std::string_view realm) const = 0;
};

// Credentials that expire, made by whoever shares a secret with us ("A REST API For Access To TURN Services",
// draft-uberti-behave-turn-rest): the user name is "<seconds since 1970>:<anything>", or the seconds alone, and the password base64 of
// HMAC-SHA1 of it under the secret.
class shared_secret_credentials final : public turn_credentials {
 public:
  static constexpr std::size_t username_max = 256;

  explicit shared_secret_credentials(std::string secret) : secret_(std::move(secret)) {}

  [[nodiscard]] std::optional<stun::long_term_key> key_of(std::string_view username, std::string_view realm, stun::password_algorithm a,
                                                          core::wall_time now) const override;
  [[nodiscard]] std::optional<std::string> user_of(const stun::user_hash&, std::string_view) const override { return std::nullopt; }
  // What the holder of `username` has for a password.
  [[nodiscard]] std::string password_of(std::string_view username) const;

 private:
  std::string secret_;
};

}  // namespace phyllo::nat
