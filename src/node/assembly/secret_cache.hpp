// Digest secrets of phones: from memory, from the login server's own database, or from the user's credential record,
// opened with the domain's key. Opened secrets live in memory only, and every opening is counted.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "assembly/domain_key_keeper.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::node {

class secret_cache {
 public:
  // `accounts` may be null: not the login server. References outlive the cache.
  secret_cache(core::environment& env, overlay::overlay& overlay, enrollment::accounts* accounts, domain_key_keeper& keys,
               core::metrics& m);

  // Of a user whose certificates are revoked no record counts that is older than the revocation: his account is gone, or has another
  // secret. `trust` outlives the cache.
  void honour(const identity::trust& trust) { trust_ = &trust; }
  // What is known of users for whom `gone` says so is forgotten.
  void forget(const std::function<bool(const std::string& user)>& gone);

  // HA1 of `user` for "SHA-256" or "MD5", made with his name or (`whole`) with his whole address. not_found (remembered shortly), or (not
  // remembered) the overlay's error, and errc::refused: the key that opens the record is not here, so nobody can say whose password is
  // right.
  core::awaitable<core::result<std::string>> find(std::string user, std::string algorithm, bool whole);

 private:
  struct entry {
    std::optional<enrollment::digest_secret> secret;  // nothing: there is no such user
    core::time_point until;
  };
  core::awaitable<core::result<enrollment::digest_secret>> fetch(std::string user);
  core::awaitable<core::result<enrollment::digest_secret>> open(std::string user, std::string domain, overlay::outcome found);
  [[nodiscard]] bool before_revocation(const std::string& user, std::uint64_t storage_time_ms) const;
  core::result<enrollment::digest_secret> open_newest(const std::string& user, const overlay::outcome& found);
  void remember(const std::string& user, std::optional<enrollment::digest_secret> secret);

  core::environment& env_;
  overlay::overlay& overlay_;
  enrollment::accounts* accounts_;
  domain_key_keeper& keys_;
  const identity::trust* trust_ = nullptr;
  core::counter& opened_;
  core::counter& failed_;
  core::bounded_map<std::string, entry> entries_;  // strangers choose whom they claim to be
};

}  // namespace phyllo::node
