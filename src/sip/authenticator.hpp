// Who sent a request: checks digest credentials (RFC 3261 s.22, RFC 8760) against the secrets of our users.
//
// An unknown user is answered exactly as a wrong password is, after the same work.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "digest.hpp"
#include "domain_secrets.hpp"
#include "message.hpp"
#include "nonce.hpp"
#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::sip {

enum class challenger { registrar, proxy };  // 401 with WWW-Authenticate, 407 with Proxy-Authenticate

struct authentication {
  enum class outcome {
    accepted,
    absent,       // no credentials for the realm: challenge
    stale,        // right, but the nonce is used or old: challenge with stale=true
    refused,      // unknown user or wrong password: challenge
    malformed,    // 400
    unavailable,  // the secret could not be had: 503
  };
  outcome result = outcome::absent;
  std::string user;  // "alice@example.com" when accepted
};

class authenticator {
 public:
  // References must outlive it. Algorithms by name, in the order of the challenges; unknown ones are left out.
  authenticator(core::environment& env, const service_options& o, const own_names& own, const domain_secrets& keys, secret_source secrets);

  // Awaits the secret source at most. `m` is kept alive by the coroutine. `from`: the address that sent it; a nonce is good only for the
  // address that was challenged, so who is accepted has been heard where he says he is.
  [[nodiscard]] core::awaitable<authentication> check(std::shared_ptr<const message> m, challenger kind, std::string realm,
                                                      asio::ip::address from);

  // Puts one challenge an algorithm into a 401 or 407 that goes to `to`.
  void challenge(message& response, challenger kind, const std::string& realm, const asio::ip::address& to, bool stale);

 private:
  struct chosen {
    digest_credentials credentials;
    digest_algorithm algorithm = digest_algorithm::md5;
  };
  [[nodiscard]] core::result<std::vector<chosen>> for_realm(const message& m, challenger kind, const std::string& realm) const;
  [[nodiscard]] std::string no_secret(const std::string& user, digest_algorithm a) const;
  [[nodiscard]] authentication verdict(const chosen& c, const std::string& ha1, bool known, std::string_view method,
                                       const std::string& realm, const asio::ip::address& from);
  [[nodiscard]] std::string bound_to(const std::string& realm, const asio::ip::address& asker) const;

  core::environment& env_;
  std::vector<digest_algorithm> algorithms_;
  const domain_secrets& keys_;
  identity::node_id self_;
  secret_source secrets_;
  std::vector<std::string> own_hosts_;
  core::bytes key_;
  nonce_book nonces_;
};

// Removes the credentials for `realm`: they have served (s.22.3).
void remove_proxy_credentials(message& m, const std::string& realm);

}  // namespace phyllo::sip
