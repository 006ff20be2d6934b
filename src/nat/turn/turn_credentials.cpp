#include "phyllo/nat/turn_credentials.hpp"

#include <charconv>

#include "phyllo/identity/digest.hpp"

namespace phyllo::nat {

std::string shared_secret_credentials::password_of(std::string_view username) const {
  return core::to_base64(identity::hmac_sha1(core::as_bytes(secret_), {core::as_bytes(username)}));
}

std::optional<stun::long_term_key> shared_secret_credentials::key_of(std::string_view username, std::string_view realm,
                                                                     stun::password_algorithm a, core::wall_time now) const {
  if (secret_.empty() || username.size() > username_max) return std::nullopt;
  const auto digits = username.substr(0, username.find(':'));
  std::uint64_t expires = 0;
  const auto [end, how] = std::from_chars(digits.data(), digits.data() + digits.size(), expires);
  if (how != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const auto seconds = core::unix_milliseconds(now) / 1000;
  if (expires <= seconds) return std::nullopt;
  return stun::make_long_term_key(a, username, realm, password_of(username));
}

}  // namespace phyllo::nat
