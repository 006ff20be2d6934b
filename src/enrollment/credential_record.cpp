#include <algorithm>
#include <charconv>
#include <vector>

#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "user_domain.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t sha256_digits = 64;
constexpr std::size_t md5_digits = 32;

// Binds a secret to its user: a record moved to another name does not open.
core::bytes context_of(const std::string& user) { return core::to_bytes("phyllo credential:" + user); }

bool is_digest(std::string_view text, std::size_t digits) { return text.size() == digits && core::from_hex(text).has_value(); }

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {  // each turn takes a colon
    const auto colon = text.find(':');
    out.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return out;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

core::result<std::string> seal_secret(const identity::domain_keyring& keys, const std::string& user, const digest_secret& s) {
  const auto domain = domain_of(user);
  const auto generation = keys.newest(domain);
  const auto* key = keys.find(domain, generation);
  if (key == nullptr) return core::fail(errc::unknown_generation, domain);
  const auto plain = core::to_bytes(s.sha256 + ":" + s.md5 + ":" + s.sha256_whole + ":" + s.md5_whole);
  const auto sealed = identity::seal(key->public_key, context_of(user), plain);
  if (!sealed) return core::fail(sealed.error());
  return std::to_string(generation) + ":" + core::to_base64(*sealed);
}

core::result<std::uint32_t> sealed_generation(std::string_view sealed) {
  std::uint32_t generation = 0;
  const auto colon = sealed.find(':');
  const auto digits = sealed.substr(0, colon);
  const auto [end, how] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  if (colon == std::string_view::npos || how != std::errc() || end != digits.data() + digits.size() || generation == 0)
    return core::fail(core::errc::malformed, "a credential record that names no generation of its domain's key");
  return generation;
}

core::result<digest_secret> open_secret(const identity::domain_keyring& keys, const std::string& user, std::string_view sealed) {
  const auto generation = sealed_generation(sealed);
  if (!generation) return core::fail(generation.error());
  const auto data = core::from_base64(sealed.substr(sealed.find(':') + 1));
  if (!data) return core::fail(core::errc::malformed, "a credential record that is not base64");
  const auto* key = keys.find(domain_of(user), *generation);
  if (key == nullptr) return core::fail(errc::unknown_generation, std::to_string(*generation));
  const auto plain = identity::open(*key, context_of(user), *data);
  if (!plain) return core::fail(plain.error());
  const auto text = core::as_text(*plain);
  const auto digests = parts_of(text);
  if (digests.size() != 4) return core::fail(core::errc::malformed, "a credential record that is not of four HA1s");
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const bool md5 = i % 2 == 1;
    const bool good = (md5 && digests[i].empty()) || is_digest(digests[i], md5 ? md5_digits : sha256_digits);
    if (!good) return core::fail(core::errc::malformed, "a credential record with a broken HA1");
  }
  return digest_secret{std::string(digests[0]), std::string(digests[1]), std::string(digests[2]), std::string(digests[3])};
}

}  // namespace phyllo::enrollment
