#include "assembly/secret_cache.hpp"

#include <algorithm>

#include "phyllo/enrollment/errc.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t entries_max = 200'000;
constexpr auto kept_present = std::chrono::minutes(5);  // a changed password reaches every registrar within it
constexpr auto kept_absent = std::chrono::seconds(3);   // a new account registers soon; guesses cost one look-up each
constexpr auto timeout = std::chrono::seconds(5);

// A record that names that generation or a later one. Its user may have written it himself, to make nodes ask: they do so rarely.
bool names(const overlay::outcome& found, std::uint32_t least) {
  return std::ranges::any_of(found.values, [&](const overlay::stored_value& v) {
    const auto generation = enrollment::sealed_generation(v.content.value);
    return generation && *generation >= least;
  });
}

core::result<std::string> chosen(const enrollment::digest_secret& s, const std::string& algorithm, bool whole) {
  const bool md5 = algorithm == "MD5";
  const auto& of_user = md5 ? s.md5 : s.sha256;
  const auto& of_whole = md5 ? s.md5_whole : s.sha256_whole;
  const auto& ha1 = whole ? of_whole : of_user;
  if (ha1.empty()) return core::fail(overlay::errc::not_found, "no secret is kept for " + algorithm);
  return ha1;
}

}  // namespace

secret_cache::secret_cache(core::environment& env, overlay::overlay& overlay, enrollment::accounts* accounts, domain_key_keeper& keys,
                           core::metrics& m)
    : env_(env),
      overlay_(overlay),
      accounts_(accounts),
      keys_(keys),
      opened_(m.get_counter("phyllo_secrets_opened_total", "Credential records opened with their domain's key.")),
      failed_(m.get_counter("phyllo_secrets_unopened_total", "Credential records that no key at hand opens.")),
      entries_(entries_max, core::random_hash_key(env), &m.evictions("secrets")) {}

core::awaitable<core::result<std::string>> secret_cache::find(std::string user, std::string algorithm, bool whole) {
  if (const auto* known = entries_.use(user); known != nullptr && known->until > env_.now()) {
    if (!known->secret) co_return core::fail(overlay::errc::not_found);
    co_return chosen(*known->secret, algorithm, whole);
  }
  auto fetched = co_await fetch(user);
  if (!fetched && !(fetched.error() == overlay::errc::not_found)) co_return core::fail(fetched.error());
  if (!fetched) {
    remember(user, {});
    co_return core::fail(fetched.error());
  }
  remember(user, *fetched);
  co_return chosen(*fetched, algorithm, whole);
}

core::awaitable<core::result<enrollment::digest_secret>> secret_cache::fetch(std::string user) {
  if (accounts_ != nullptr) {
    auto own = accounts_->secret(user);
    if (own || !(own.error() == enrollment::errc::no_such_account)) co_return own;
  }
  const auto domain = user.substr(user.find('@') + 1);
  if (keys_.keys()->newest(domain) == 0) co_return core::fail(errc::refused, "this node has no key of " + domain);
  const overlay::name name{"credential", user};
  overlay::read_options read;
  read.timeout = timeout;
  const std::string only;
  auto found = co_await overlay_.get(only, name, read);
  if (!found) co_return core::fail(found.error());
  co_return co_await open(std::move(user), domain, *std::move(found));
}

core::awaitable<core::result<enrollment::digest_secret>> secret_cache::open(std::string user, std::string domain, overlay::outcome found) {
  auto secret = open_newest(user, found);
  // The newest generation, too, may be another key now: a login server that was restored from a backup makes some a second time.
  if (secret || !names(found, keys_.keys()->newest(domain))) co_return secret;
  co_await keys_.refresh();
  secret = open_newest(user, found);
  const auto newest = keys_.keys()->newest(domain);
  if (!secret && names(found, newest + 1)) co_return core::fail(errc::refused, "this node has not the newest key of " + domain);
  co_return secret;
}

// A user may write own entries beside the login server's: what does not open is passed over.
core::result<enrollment::digest_secret> secret_cache::open_newest(const std::string& user, const overlay::outcome& found) {
  std::vector<const overlay::stored_value*> newest_first;
  for (const auto& v : found.values) newest_first.push_back(&v);
  std::ranges::sort(newest_first, std::greater<>(), &overlay::stored_value::storage_time_ms);
  for (const auto* v : newest_first) {
    if (before_revocation(user, v->storage_time_ms)) break;
    auto secret = enrollment::open_secret(*keys_.keys(), user, v->content.value);
    (secret ? opened_ : failed_).add();
    if (secret) return secret;
  }
  return core::fail(overlay::errc::not_found, "no credential record that opens");
}

void secret_cache::forget(const std::function<bool(const std::string& user)>& gone) {
  entries_.erase_if([&](const auto& e) { return gone(e.first); });
}

// A revocation counts from the next full second on, and the login server stores the new secret at once: perhaps in the same second.
bool secret_cache::before_revocation(const std::string& user, std::uint64_t storage_time_ms) const {
  if (trust_ == nullptr) return false;
  const auto before = trust_->revocations().find(identity::revoked_user(user));
  return before && storage_time_ms / 1000 + 1 < *before;
}

void secret_cache::remember(const std::string& user, std::optional<enrollment::digest_secret> secret) {
  const auto until = env_.now() + (secret ? core::duration(kept_present) : core::duration(kept_absent));
  entries_.try_emplace(user).first = entry{std::move(secret), until};
}

}  // namespace phyllo::node
