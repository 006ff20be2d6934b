// Whose request it is (RFC 8489 s.9.2.4: the long-term credential mechanism at a server), without any memory of clients.
#pragma once

#include <optional>
#include <string>

#include "phyllo/nat/turn_credentials.hpp"
#include "phyllo/stun/nonce.hpp"
#include "turn/turn_request.hpp"

namespace phyllo::nat {

class turn_authenticator {
 public:
  // `credentials` must outlive it. `key`: of the nonces.
  turn_authenticator(const turn_credentials& credentials, std::string realm, std::chrono::seconds nonce_lifetime,
                     const stun::nonce_maker::key& key)
      : credentials_(credentials), realm_(std::move(realm)), nonces_(key, features_of(credentials), nonce_lifetime) {}

  // 0: it is r.user's, and r.key is set. Else 400, 401 or 438.
  [[nodiscard]] int check(turn_request& r, core::wall_time wall_now) const;
  // What a 401 and a 438 hold: REALM, NONCE, PASSWORD-ALGORITHMS.
  void challenge(stun::message_writer& w, const core::endpoint& client, core::time_point now) const;

 private:
  static std::uint32_t features_of(const turn_credentials& c) noexcept {
    return stun::feature_password_algorithms | (c.knows_names() ? stun::feature_username_anonymity : 0);
  }
  struct claims {
    std::string_view user;
    std::string_view nonce;
    stun::password_algorithm algorithm = stun::password_algorithm::md5;
    bool algorithm_named = false;
  };
  [[nodiscard]] int read(const stun::message_view& m, claims& out, std::string& named) const;
  [[nodiscard]] int read_algorithm(const stun::message_view& m, claims& out) const;

  const turn_credentials& credentials_;
  std::string realm_;
  stun::nonce_maker nonces_;
};

}  // namespace phyllo::nat
