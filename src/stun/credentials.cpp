#include "phyllo/stun/credentials.hpp"

#include <algorithm>

#include "phyllo/identity/digest.hpp"

namespace phyllo::stun {

long_term_key::long_term_key(core::byte_view octets) noexcept : size_(std::min(octets.size(), octets_.size())) {
  std::copy_n(octets.begin(), size_, octets_.begin());
}

long_term_key make_long_term_key(password_algorithm a, std::string_view username, std::string_view realm, std::string_view password) {
  const auto colon = core::as_bytes(":");
  const auto name = core::as_bytes(username);
  const auto place = core::as_bytes(realm);
  const auto secret = core::as_bytes(password);
  if (a == password_algorithm::sha256) return long_term_key(identity::sha256({name, colon, place, colon, secret}));
  return long_term_key(identity::md5({name, colon, place, colon, secret}));
}

user_hash hash_of_user(std::string_view username, std::string_view realm) {
  return identity::sha256({core::as_bytes(username), core::as_bytes(":"), core::as_bytes(realm)});
}

std::optional<std::string> opaque_string(std::string_view text) {
  const auto allowed = [](char c) { return c >= ' ' && c <= '~'; };
  if (text.empty() || !std::ranges::all_of(text, allowed)) return std::nullopt;
  return std::string(text);
}

}  // namespace phyllo::stun
