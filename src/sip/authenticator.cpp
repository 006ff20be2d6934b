#include "authenticator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "digest_user.hpp"
#include "message_edit.hpp"
#include "message_fields.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/identity/digest.hpp"
#include "shard_post.hpp"

namespace phyllo::sip {
namespace {

core::bytes random_key(core::environment& env) {
  core::bytes key(32);
  env.random(key);
  return key;
}

std::size_t line_size(std::string_view name, std::string_view value) {
  return name.size() + value.size() + std::string_view(": \r\n").size();
}

digest_policy policy_of(const digest_settings& s) { return s.policy == "require" ? digest_policy::require : digest_policy::adapt; }

}  // namespace

authenticator::authenticator(core::environment& env, const service_options& o, const own_names& own, const domain_secrets& keys,
                             secret_source secrets, core::metrics& m, core::logger log)
    : env_(env),
      keys_(keys),
      self_(o.self),
      shards_(o.shards),
      shard_(o.shard),
      secrets_(std::move(secrets)),
      own_hosts_(own.all()),
      key_(random_key(env)),
      nonces_(o.digest.nonce_lifetime, env.wall_now()),
      guesses_(o.digest.wrong_passwords_per_minute, shards_ ? shards_->inside().key : core::random_hash_key(env),
               &m.evictions("sip_guesses")),
      offers_(policy_of(o.digest), core::random_hash_key(env), &m.evictions("sip_challenged")),
      metrics_(m),
      log_(std::move(log)) {
  if (shards_) shards_->inside().guesses[shard_] = &guesses_;
}

authenticator::~authenticator() {
  if (shards_) shards_->inside().guesses[shard_] = nullptr;
}

// A nonce is good at one shard only: its counts are remembered there.
std::string authenticator::bound_to(const std::string& realm, const asio::ip::address& asker, unsigned shard) const {
  auto out = realm + "\n" + self_.hex() + "\n" + asker.to_string();
  if (shards_) out += "\n" + std::to_string(shard);
  return out;
}

// It may be for another shard, to which this one passes it on.
bool authenticator::challenged(const std::string& realm, std::string_view nonce, const source& from) const {
  const auto keys = nonce_keys(realm);
  const auto shards = shards_ ? shards_->inside().size() : 1;
  for (unsigned shard = 0; shard < shards; ++shard) {
    const auto age = nonces_.age_of(keys, nonce, env_.wall_now(), bound_to(realm, from.remote.address, shard));
    if (age == nonce_book::age::good) return true;
  }
  return false;
}

std::vector<core::byte_view> authenticator::nonce_keys(const std::string& realm) const {
  std::vector<core::byte_view> keys;
  for (const auto& k : keys_.of(realm)) keys.emplace_back(k.nonces);
  return keys;
}

bool authenticator::unsure_of(const std::string& user, const source& from) {
  return offers_.unsure(user, core::source_key(from.remote.address), env_.now());
}

void authenticator::learn_better(const std::string& user, const source& from) {
  metrics_.drop("sip_weak_digest");
  offers_.learn_better(user, core::source_key(from.remote.address));
}

void authenticator::challenge(message& response, challenger kind, const std::string& user, const std::string& realm, const source& to,
                              const authentication& a, std::size_t room) {
  const auto keys = nonce_keys(realm);
  if (keys.empty()) return;  // not a domain of ours, which nobody asks for
  digest_challenge c;
  c.realm = realm;
  c.stale = a.result == authentication::outcome::stale || a.result == authentication::outcome::weak;
  const bool renews = a.renews && kind == challenger::registrar;
  const std::string_view name = kind == challenger::registrar ? "WWW-Authenticate" : "Proxy-Authenticate";
  std::size_t size = 0;  // of the response so far, where that matters
  for (const auto algorithm : offers_.to(user, core::source_key(to.remote.address), renews, env_.now())) {
    nonce_book::salt salt{};
    env_.random(salt);
    c.algorithm = algorithm;
    c.nonce = nonce_book::make(keys.front(), env_.wall_now(), salt, bound_to(realm, to.remote.address, shard_));
    c.opaque = core::to_hex(core::byte_view(salt));
    const auto text = c.text();
    if (size != 0 && size + line_size(name, text) > room) break;
    (void)response.add_header(name, text);
    if (room < std::numeric_limits<std::size_t>::max()) size = response.print().size();
  }
}

// RFC 8760 s.2.4: of all that it sent for our realm and an algorithm that we speak, the strongest.
core::result<std::optional<authenticator::chosen>> authenticator::for_realm(const message& m, challenger kind,
                                                                            const std::string& realm) const {
  std::optional<chosen> out;
  const auto shown = kind == challenger::registrar ? field::authorization : field::proxy_authorization;
  for (const auto& c : credentials_in(m, shown)) {
    if (c.get("realm") != realm) continue;
    auto parsed = digest_credentials::from(c);
    if (!parsed) return core::fail(parsed.error());
    const auto algorithm = parse_digest_algorithm(parsed->algorithm);
    if (!algorithm || !offers_.speaks(*algorithm)) continue;
    // An ACK's are of the INVITE, whose Request-URI the answer to it may have changed.
    if (m.method() != method::ack && !digest_uri_acceptable(parsed->uri, m.request_uri().text(), own_hosts_)) {
      return core::fail(errc::malformed, "the digest URI is neither the Request-URI nor this server's");
    }
    if (!out || out->algorithm < *algorithm) out = chosen{std::move(*parsed), *algorithm};
  }
  return out;
}

// Stands in for an unknown user's HA1: of the same form, never matched, and the same for the same user.
std::string authenticator::no_secret(const std::string& user, digest_algorithm a) const {
  const auto mac = identity::hmac_sha256(key_, core::as_bytes(user));
  const auto hex = core::to_hex(mac);
  return a == digest_algorithm::md5 ? hex.substr(0, 32) : hex;
}

std::optional<authentication::outcome> authenticator::dismissed(const chosen& c, const std::string& realm, const source& from,
                                                                authentication& a) {
  using outcome = authentication::outcome;
  const auto keys = nonce_keys(realm);
  const auto age = nonces_.age_of(keys, c.credentials.nonce, env_.wall_now(), bound_to(realm, from.remote.address, shard_));
  if (age != nonce_book::age::good) {
    if (age == nonce_book::age::foreign) metrics_.drop("sip_foreign_nonce");
    a.renews = age == nonce_book::age::old;
    return outcome::stale;
  }
  if (limited(guesses_.of(a.user, from), from)) return outcome::limited;
  return std::nullopt;
}

// The addresses stand where a filter of fail2ban looks for them (packaging/fail2ban). Each has answered a challenge, so none is forged.
bool authenticator::limited(const guess_limit::attempt& who, const source& from) {
  const auto why = guesses_.refused(who, env_.now());
  if (why == guess_limit::refusal::none) return false;
  metrics_.drop(why == guess_limit::refusal::address ? "sip_guesses_of_address" : "sip_guesses_at_user");
  if (why == guess_limit::refusal::address) {
    const auto where = from.remote.address.to_string();
    log_.about(where).warning("too many wrong passwords from {}", where);
  }
  return true;
}

core::awaitable<authentication> authenticator::check(std::shared_ptr<const message> m, challenger kind, std::string realm, source from) {
  authentication a;
  const auto strongest = for_realm(*m, kind, realm);
  if (!strongest) {
    a.result = authentication::outcome::malformed;
    co_return a;
  }
  if (!*strongest) co_return a;
  const auto& c = **strongest;
  const digest_user who(c.credentials.username, realm);
  a.user = who.account;
  if (const auto at_once = dismissed(c, realm, from, a)) {
    a.result = *at_once;
    co_return a;
  }
  const guess_limit::waiting waits(guesses_, guesses_.of(a.user, from).address);
  const auto secret = co_await secrets_(a.user, std::string(name_of(c.algorithm)), who.whole);
  a.result = verdict(c, secret, m->method_name(), realm, from, a.user);
  a.by_md5 = a.result == authentication::outcome::accepted && c.algorithm == digest_algorithm::md5;
  co_return a;
}

authentication::outcome authenticator::verdict(const chosen& c, const core::result<std::string>& secret, std::string_view method,
                                               const std::string& realm, const source& from, const std::string& user) {
  using outcome = authentication::outcome;
  if (!secret && secret.error() != overlay::errc::not_found) return outcome::unavailable;
  // Others may have been judged while the secret was looked up.
  const auto who = guesses_.of(user, from);
  if (limited(who, from)) return outcome::limited;
  const auto ha1 = secret.value_or(no_secret(user, c.algorithm));
  if (!digest_matches(c.credentials, c.algorithm, ha1, method) || !secret) {
    note_wrong(who, user, from);
    return outcome::refused;
  }
  const auto bound = bound_to(realm, from.remote.address, shard_);
  const auto keys = nonce_keys(realm);
  if (!nonces_.use(keys, c.credentials.nonce, c.credentials.count(), env_.wall_now(), bound)) return outcome::stale;
  guesses_.succeeded(who);
  if (offers_.takes(user, who.address, c.algorithm)) return outcome::accepted;
  metrics_.drop("sip_weak_digest");
  return outcome::weak;
}

core::awaitable<authentication> authenticator::check_ack(std::shared_ptr<const message> ack, std::string realm, source from) {
  authentication a;
  a.result = authentication::outcome::refused;
  const auto strongest = for_realm(*ack, challenger::proxy, realm);
  if (!strongest || !*strongest) co_return a;
  const auto& c = **strongest;
  const digest_user who(c.credentials.username, realm);
  a.user = who.account;
  const auto keys = nonce_keys(realm);
  const auto age = nonces_.age_of(keys, c.credentials.nonce, env_.wall_now(), bound_to(realm, from.remote.address, shard_));
  if (age == nonce_book::age::foreign) metrics_.drop("sip_foreign_nonce");
  // The INVITE may have rung for long.
  if (age == nonce_book::age::foreign || limited(guesses_.of(a.user, from), from)) co_return a;
  const guess_limit::waiting waits(guesses_, guesses_.of(a.user, from).address);
  const auto secret = co_await secrets_(a.user, std::string(name_of(c.algorithm)), who.whole);
  const auto guess = guesses_.of(a.user, from);
  if (!secret || limited(guess, from)) co_return a;
  // Some phones answer for the ACK itself.
  const bool right =
      digest_matches(c.credentials, c.algorithm, *secret, "INVITE") || digest_matches(c.credentials, c.algorithm, *secret, "ACK");
  if (right) a.result = authentication::outcome::accepted;
  if (!right) note_wrong(guess, a.user, from);
  co_return a;
}

void authenticator::note_wrong(const guess_limit::attempt& who, const std::string& user, const source& from) {
  metrics_.drop("sip_credentials");
  guesses_.failed(who, env_.now());
  if (shards_) shards_->inside().tell_guess(shard_, who, env_.now());
  offers_.failed(user, who.address, env_.now());
  const auto where = from.remote.address.to_string();
  log_.about(where).warning("wrong password from {}", where);
}

std::string realm_shown(const message& m, const own_names& own) {
  for (const auto& c : credentials_in(m, field::proxy_authorization)) {
    const auto realm = c.get("realm").value_or("");
    if (std::ranges::find(own.domains, realm) != own.domains.end()) return realm;
  }
  return {};
}

void remove_proxy_credentials(message& m, const std::string& realm) {
  const auto all = credentials_in(m, field::proxy_authorization);
  for (std::size_t i = all.size(); i-- > 0;) {
    if (all[i].get("realm") == realm) remove_credentials(m, field::proxy_authorization, i);
  }
}

}  // namespace phyllo::sip
