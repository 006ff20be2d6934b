// Who sent a request: checks digest credentials (RFC 3261 s.22, RFC 8760) against the secrets of our users.
//
// In this order, the cheapest first: the nonce is ours, the address and the user have not been guessed at too often (guess_limit.hpp), and
// only then the secret is asked for. An unknown user is answered exactly as a wrong password is, after the same work.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "digest.hpp"
#include "digest_offer.hpp"
#include "domain_secrets.hpp"
#include "guess_limit.hpp"
#include "message.hpp"
#include "nonce.hpp"
#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::sip {

enum class challenger { registrar, proxy };  // 401 with WWW-Authenticate, 407 with Proxy-Authenticate

struct authentication {
  enum class outcome {
    accepted,
    absent,       // no credentials for the realm: challenge
    stale,        // the nonce is used, old, or none of ours for this sender: challenge with stale=true
    refused,      // unknown user or wrong password: challenge
    weak,         // right, but its user can do better than MD5: challenge for that, with stale=true
    limited,      // too many wrong passwords from this address, or for this user: 503; nothing was looked up
    malformed,    // 400
    unavailable,  // the secret could not be had: 503
  };
  outcome result = outcome::absent;
  std::string user;     // "alice@example.com": whom the credentials name, proven when accepted; "": none
  bool by_md5 = false;  // accepted by no more than that
  bool renews = false;  // stale, and the nonce was ours: whoever sent it has been challenged here before
};

class authenticator {
 public:
  // References must outlive it.
  authenticator(core::environment& env, const service_options& o, const own_names& own, const domain_secrets& keys, secret_source secrets,
                core::metrics& m, core::logger log);

  ~authenticator();
  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;

  // Whether a nonce was made for this source, and may still be used: so much of credentials is seen for the cost of a MAC.
  [[nodiscard]] bool challenged(const std::string& realm, std::string_view nonce, const source& from) const;

  // Awaits the secret source at most. `m` is kept alive by the coroutine. A nonce is good only for the address that was challenged, so who
  // is accepted has been heard where he says he is. What is refused is counted (phyllo_dropped_total) and logged with its address.
  [[nodiscard]] core::awaitable<authentication> check(std::shared_ptr<const message> m, challenger kind, std::string realm, source from);

  // The same of an ACK, which carries the credentials of its INVITE (RFC 3261 s.22.1): their nonce must be of ours for this address, the
  // digest is over the INVITE, and the count was used up by it. Accepted or refused; a count is not used, and nothing is learnt.
  [[nodiscard]] core::awaitable<authentication> check_ack(std::shared_ptr<const message> ack, std::string realm, source from);

  // Puts one challenge an algorithm into a 401 or 407 that goes to `to`, for `user`, who claims to have sent the request, after `a` has
  // come of it; the topmost one alone where the response would have more than `room` bytes with all.
  void challenge(message& response, challenger kind, const std::string& user, const std::string& realm, const source& to,
                 const authentication& a, std::size_t room);

  // Of who was accepted by MD5 from there: whether it is time to see what the ring knows of him, and that it knows of SHA-256 (sip.md,
  // Passwords).
  [[nodiscard]] bool unsure_of(const std::string& user, const source& from);
  void learn_better(const std::string& user, const source& from);
  // Who has used SHA-256, to be kept.
  [[nodiscard]] strong_users& users_of_better() noexcept { return offers_.users_of_better(); }

 private:
  struct chosen {
    digest_credentials credentials;
    digest_algorithm algorithm = digest_algorithm::md5;
  };
  [[nodiscard]] core::result<std::optional<chosen>> for_realm(const message& m, challenger kind, const std::string& realm) const;
  void note_wrong(const guess_limit::attempt& who, const std::string& user, const source& from);
  [[nodiscard]] std::string no_secret(const std::string& user, digest_algorithm a) const;
  // Before the secret is looked up: nullopt: go on.
  [[nodiscard]] std::optional<authentication::outcome> dismissed(const chosen& c, const std::string& realm, const source& from,
                                                                 authentication& a);
  [[nodiscard]] bool limited(const guess_limit::attempt& who, const source& from);
  [[nodiscard]] authentication::outcome verdict(const chosen& c, const core::result<std::string>& secret, std::string_view method,
                                                const std::string& realm, const source& from, const std::string& user);
  [[nodiscard]] std::string bound_to(const std::string& realm, const asio::ip::address& asker, unsigned shard) const;
  [[nodiscard]] std::vector<core::byte_view> nonce_keys(const std::string& realm) const;

  core::environment& env_;
  const domain_secrets& keys_;
  identity::node_id self_;
  std::shared_ptr<shard_exchange> shards_;  // null: there is one
  unsigned shard_;
  secret_source secrets_;
  std::vector<std::string> own_hosts_;
  core::bytes key_;
  nonce_book nonces_;
  guess_limit guesses_;
  digest_offer offers_;
  core::metrics& metrics_;
  core::logger log_;
};

// The domain of ours for which the request bears credentials for a proxy; "": none.
[[nodiscard]] std::string realm_shown(const message& m, const own_names& own);

// Removes the credentials for `realm`: they have served (s.22.3).
void remove_proxy_credentials(message& m, const std::string& realm);

}  // namespace phyllo::sip
