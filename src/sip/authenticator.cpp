#include "authenticator.hpp"

#include <algorithm>
#include <utility>

#include "digest_user.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

core::bytes random_key(core::environment& env) {
  core::bytes key(32);
  env.random(key);
  return key;
}

}  // namespace

authenticator::authenticator(core::environment& env, const service_options& o, const own_names& own, const domain_secrets& keys,
                             secret_source secrets)
    : env_(env),
      keys_(keys),
      self_(o.self),
      secrets_(std::move(secrets)),
      own_hosts_(own.all()),
      key_(random_key(env)),
      nonces_(nonce_book::limits{.lifetime = o.nonce_lifetime}, env.wall_now()) {
  for (const auto& name : o.digest_algorithms) {
    if (const auto a = parse_digest_algorithm(name)) algorithms_.push_back(*a);
  }
}

std::string authenticator::bound_to(const std::string& realm, const asio::ip::address& asker) const {
  return realm + "\n" + self_.hex() + "\n" + asker.to_string();
}

void authenticator::challenge(message& response, challenger kind, const std::string& realm, const asio::ip::address& to, bool stale) {
  const auto& keys = keys_.of(realm);
  if (keys.empty()) return;  // not a domain of ours, which nobody asks for
  digest_challenge c;
  c.realm = realm;
  c.stale = stale;
  for (const auto a : algorithms_) {
    nonce_book::salt salt{};
    env_.random(salt);
    c.algorithm = a;
    c.nonce = nonce_book::make(keys.front().nonces, env_.wall_now(), salt, bound_to(realm, to));
    c.opaque = core::to_hex(core::byte_view(salt));
    (void)response.add_header(kind == challenger::registrar ? "WWW-Authenticate" : "Proxy-Authenticate", c.text());
  }
}

// RFC 8760 s.2.4: the phone answers the topmost challenge it can; all that it sent for our realm and an algorithm of
// ours are candidates.
core::result<std::vector<authenticator::chosen>> authenticator::for_realm(const message& m, challenger kind,
                                                                          const std::string& realm) const {
  std::vector<chosen> out;
  for (const auto& c : kind == challenger::registrar ? m.authorizations() : m.proxy_authorizations()) {
    if (c.get("realm") != realm) continue;
    auto parsed = digest_credentials::from(c);
    if (!parsed) return core::fail(parsed.error());
    const auto algorithm = parse_digest_algorithm(parsed->algorithm);
    if (!algorithm || std::ranges::find(algorithms_, *algorithm) == algorithms_.end()) continue;
    if (!digest_uri_acceptable(parsed->uri, m.request_uri().text(), own_hosts_)) {
      return core::fail(errc::malformed, "the digest URI is neither the Request-URI nor this server's");
    }
    out.push_back({std::move(*parsed), *algorithm});
  }
  return out;
}

// Stands in for an unknown user's HA1: of the same form, never matched, and the same for the same user.
std::string authenticator::no_secret(const std::string& user, digest_algorithm a) const {
  const auto mac = identity::hmac_sha256(key_, core::as_bytes(user));
  const auto hex = core::to_hex(mac);
  return a == digest_algorithm::md5 ? hex.substr(0, 32) : hex;
}

core::awaitable<authentication> authenticator::check(std::shared_ptr<const message> m, challenger kind, std::string realm,
                                                     asio::ip::address from) {
  authentication a;
  const auto candidates = for_realm(*m, kind, realm);
  if (!candidates) {
    a.result = authentication::outcome::malformed;
    co_return a;
  }
  if (candidates->empty()) co_return a;
  const auto& c = candidates->front();
  const digest_user who(c.credentials.username, realm);
  const auto& user = who.account;
  const auto secret = co_await secrets_(user, std::string(name_of(c.algorithm)), who.whole);
  if (!secret && secret.error() != overlay::errc::not_found) {
    a.result = authentication::outcome::unavailable;
    co_return a;
  }
  const auto ha1 = secret.value_or(no_secret(user, c.algorithm));
  co_return verdict(c, ha1, secret.has_value(), m->method_name(), realm, from);
}

authentication authenticator::verdict(const chosen& c, const std::string& ha1, bool known, std::string_view method,
                                      const std::string& realm, const asio::ip::address& from) {
  authentication a;
  a.result = authentication::outcome::refused;
  if (!digest_matches(c.credentials, c.algorithm, ha1, method) || !known) return a;
  std::vector<core::byte_view> keys;
  for (const auto& k : keys_.of(realm)) keys.emplace_back(k.nonces);
  const bool fresh = nonces_.use(keys, c.credentials.nonce, c.credentials.count(), env_.wall_now(), bound_to(realm, from));
  a.result = fresh ? authentication::outcome::accepted : authentication::outcome::stale;
  if (fresh) a.user = digest_user(c.credentials.username, realm).account;
  return a;
}

void remove_proxy_credentials(message& m, const std::string& realm) {
  const auto all = m.proxy_authorizations();
  for (std::size_t i = all.size(); i-- > 0;) {
    if (all[i].get("realm") == realm) m.remove_proxy_authorization(i);
  }
}

}  // namespace phyllo::sip
