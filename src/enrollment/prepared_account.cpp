#include "prepared_account.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "password.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t sip_secret_bytes = 16;  // 128 bits: beyond guessing, so HA1 needs no slow hash

digest_secret make_digest_secret(const std::string& user, const std::string& secret, bool md5) {
  const auto at = user.find('@');
  const auto rest = ":" + user.substr(at + 1) + ":" + secret;
  const auto text = user.substr(0, at) + rest;
  const auto whole = user + rest;
  digest_secret s;
  s.sha256 = identity::sha256_hex(text);
  s.sha256_whole = identity::sha256_hex(whole);
  if (md5) s.md5 = identity::md5_hex(text);
  if (md5) s.md5_whole = identity::md5_hex(whole);
  return s;
}

}  // namespace

core::status tidy_authority(std::vector<std::string>& domains) {
  std::ranges::sort(domains);
  domains.erase(std::ranges::unique(domains).begin(), domains.end());
  if (const auto flaw = identity::authority_flaw(domains)) return core::fail(core::errc::invalid, *flaw);
  return {};
}

core::result<prepared_account> prepare_account(std::string user, const std::string& password, std::vector<std::string> domains,
                                               const account_options& o) {
  prepared_account a;
  a.user = identity::canonical_user(user);
  if (!identity::valid_user(a.user)) return core::fail(errc::invalid_user, user + ": expected user@domain");
  if (auto ok = tidy_authority(domains); !ok) return core::fail(ok.error());
  if (password.empty()) return core::fail(core::errc::invalid, "the password is empty");
  a.domains = std::move(domains);
  a.salt = random_bytes(salt_bytes);
  a.scrypt_log2_n = o.scrypt_log2_n;
  a.verifier = derive_verifier(password, a.salt, o.scrypt_log2_n);
  if (a.verifier.empty())
    return core::fail(core::errc::invalid, fmt::format("scrypt_log2_n = {}: expected 1 to {}", o.scrypt_log2_n, scrypt_log2_n_max));
  if (o.sip_secret == sip_secret::random) a.sip_password = core::to_hex(random_bytes(sip_secret_bytes));
  a.secret = make_digest_secret(a.user, o.sip_secret == sip_secret::random ? a.sip_password : password, o.md5);
  return a;
}

bool right_password(const password_check& c, const std::string& password) {
  const auto derived = derive_verifier(password, c.salt, c.scrypt_log2_n);
  return identity::constant_time_equal(derived, c.verifier) && c.known.has_value();
}

}  // namespace phyllo::enrollment
