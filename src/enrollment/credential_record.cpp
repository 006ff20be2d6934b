#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/login_client.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t sha256_digits = 64;
constexpr std::size_t md5_digits = 32;

// Binds a secret to its user: a record moved to another name does not open.
core::bytes context_of(const std::string& user) { return core::to_bytes("phyllo credential:" + user); }

bool is_digest(std::string_view text, std::size_t digits) { return text.size() == digits && core::from_hex(text).has_value(); }

}  // namespace

core::result<std::string> seal_secret(core::byte_view domain_public_key, const std::string& user, const digest_secret& s) {
  const auto plain = core::to_bytes(s.sha256 + ":" + s.md5);
  const auto sealed = identity::seal(domain_public_key, context_of(user), plain);
  if (!sealed) return core::fail(sealed.error());
  return core::to_base64(*sealed);
}

core::result<digest_secret> open_secret(const identity::seal_key_pair& domain_key, const std::string& user, std::string_view sealed) {
  const auto data = core::from_base64(sealed);
  if (!data) return core::fail(core::errc::malformed, "a credential record that is not base64");
  const auto plain = identity::open(domain_key, context_of(user), *data);
  if (!plain) return core::fail(plain.error());
  const auto text = core::as_text(*plain);
  const auto sha256 = text.substr(0, sha256_digits);
  if (text.size() <= sha256_digits || text[sha256_digits] != ':' || !is_digest(sha256, sha256_digits)) {
    return core::fail(core::errc::malformed, "a credential record without HA1");
  }
  const auto md5 = text.substr(sha256_digits + 1);
  if (!md5.empty() && !is_digest(md5, md5_digits)) return core::fail(core::errc::malformed, "a credential record with a broken HA1");
  return digest_secret{std::string(sha256), std::string(md5)};
}

}  // namespace phyllo::enrollment
