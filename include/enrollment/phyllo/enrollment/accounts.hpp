// The login server's accounts: SQLite (WAL, synchronous FULL), scrypt, SIP secrets. Several processes may open it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/login_settings.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/identity/seal.hpp"

namespace phyllo::enrollment {

enum class sip_secret { random, account };  // what phones' digests are made of

struct account_options {
  unsigned scrypt_log2_n;  // as login_settings has it, and the next
  enrollment::sip_secret sip_secret;
  bool md5;  // keep HA1 for MD5 beside SHA-256's
};

struct digest_secret {  // HA1 = H(username:domain:secret), lower-case hex
  std::string sha256;
  std::string md5;  // empty where not kept
  // Of phones whose username is the whole address, "alice@example.com".
  std::string sha256_whole{};
  std::string md5_whole{};
};

struct account {
  std::string user;                  // "alice@example.com"
  std::vector<std::string> domains;  // domain authority (supernodes of an operator); mostly empty
  std::int64_t changed = 0;          // rises with every change of the database
};

// A user whose certificates of before a time are revoked: the account was removed, or its password changed, or it has lost authority. Or
// outdated: it has gained authority.
struct user_revocation {
  std::string user;
  std::uint32_t before = 0;  // as identity::revocation has it
  core::wall_time until;     // the last of them has ended
  bool outdated = false;
};

// A derived password, ready to be stored: the costly part, computed on any thread.
struct prepared_account {
  std::string user;
  std::vector<std::string> domains;
  core::bytes salt, verifier;
  unsigned scrypt_log2_n = 0;
  digest_secret secret;
  std::string sip_password;  // to be shown once; empty where the account's password serves
  // So many of its Node-IDs may be peers; none: as was said before, or as the login server's configuration says.
  std::optional<unsigned> peers;
};

// What of an account is another from now on; what is not said stays.
struct account_change {
  std::optional<std::vector<std::string>> domains;
  std::optional<unsigned> peers;
};

struct node_owner {
  enrollment::account account;
  std::string device;
};

struct node_request {
  std::string user;
  std::string device;
  bool peer = false;  // it asks for the right to be a peer
  core::wall_time now;
  core::wall_time until;  // when the certificate will end
};

// invalid_user; core::errc::invalid for an empty password, a scrypt_log2_n outside 1 to 20, and authority that no certificate can carry
// (identity::authority_flaw). The user's domain is put in lower case; domains are kept once each. Blocking and costly (scrypt);
// thread-safe.
[[nodiscard]] core::result<prepared_account> prepare_account(std::string user, const std::string& password,
                                                             std::vector<std::string> domains, const account_options& o);

// What it takes to check one password away from the database's thread. For an unknown user it is as costly as for a
// known one, and never right.
struct password_check {
  core::bytes salt, verifier;
  unsigned scrypt_log2_n = 0;
  std::optional<account> known;
};
// The same password, derived anew.
struct raised_cost {
  core::bytes salt, verifier;
  unsigned scrypt_log2_n = 0;
};
// Blocking and costly (scrypt); thread-safe.
[[nodiscard]] bool right_password(const password_check& c, const std::string& password);

// A generation of a domain's key (enrollment.md, "Domain keys").
struct domain_key {
  std::string domain;
  std::uint32_t generation = 0;
  identity::seal_key_pair pair;
  core::wall_time made;  // 1970: to be used without delay
};

// One connection to the database; used on one thread. Every call may fail with errc::database.
class accounts {
 public:
  // `certificate_lifetime`: what is issued while it is open lives no longer.
  [[nodiscard]] static core::result<std::unique_ptr<accounts>> open(
      const std::string& path, std::chrono::seconds certificate_lifetime = login_settings().certificate_lifetime);
  virtual ~accounts() = default;

  // Replacing one revokes its user's certificates of before now: the password is another one.
  virtual core::status add(const prepared_account& a, bool replace) = 0;       // account_exists
  virtual core::status add_all(const std::vector<prepared_account>& all) = 0;  // one transaction; replaces
  // Its password, its SIP secret and its phones stay as they are. Authority that it loses revokes its certificates of before now, which say
  // that it has it, and rotates those domains' keys; by authority that it gains they are outdated: either way its nodes ask for others.
  // no_such_account; core::errc::invalid (identity::authority_flaw).
  virtual core::status change(const std::string& user, account_change to) = 0;
  // no_such_account. In one transaction: the account and its devices are gone, its certificates revoked, and what is to be withdrawn from
  // the overlay is noted.
  virtual core::status remove(const std::string& user) = 0;
  virtual core::result<std::vector<user_revocation>> revocations(core::wall_time now) = 0;  // by user
  // A certificate of the user that is issued before this second (Unix) is revoked; 0: none is.
  virtual core::result<std::uint32_t> revoked_before(const std::string& user) = 0;
  virtual core::result<std::uint32_t> fresh_from(const std::string& user) = 0;  // from this second on neither revoked nor outdated
  // One that was issued from this second on proves whose it is, though it may be revoked for the authority that it says: the account and
  // its password are the same since.
  virtual core::result<std::uint32_t> proves_from(const std::string& user) = 0;
  // The longest that a certificate may live that was issued here, today or under another configuration.
  virtual core::result<std::chrono::seconds> longest_certificate() = 0;
  // Removed accounts of which something may still be in the overlay, until withdrawn() or the account is made again.
  virtual core::result<std::vector<std::string>> withdrawals() = 0;
  virtual core::status withdrawn(const std::string& user) = 0;
  virtual core::result<std::vector<account>> list() = 0;                              // by user
  virtual core::result<std::vector<account>> changed_since(std::int64_t change) = 0;  // removed ones excluded
  virtual core::result<digest_secret> secret(const std::string& user) = 0;            // no_such_account
  // The number of the latest change, a removal included: by it a running server sees what another process did, and
  // then asks list() or changed_since().
  virtual core::result<std::int64_t> latest_change() = 0;
  virtual core::result<password_check> check_for(const std::string& user, unsigned unknown_log2_n) = 0;
  // Unless the password was changed since that check was made: then nothing is. It is no change of the account.
  virtual core::status raise_cost(const std::string& user, const password_check& checked, const raised_cost& to) = 0;
  // The account if the password is right; costly (scrypt, also for unknown users: no enumeration by time).
  virtual core::result<account> authenticate(const std::string& user, const std::string& password) = 0;  // failed_authentication
  // For a certificate that is issued now. Random, stable per user and device, remembered for 30 days after its last certificate; never 0 or
  // 2^128 - 1. no_such_account; node_ids_not_available: it would be one too many, at a time or within a day.
  virtual core::result<identity::node_id> node_id_for(const node_request& q, const node_limits& limits) = 0;
  // As `user add --peers` has said; none: it has not.
  virtual core::result<std::optional<unsigned>> peers_of(const std::string& user) = 0;
  // Whose it is, and of which device. no_such_account: nobody's.
  virtual core::result<node_owner> owner_of(const identity::node_id& node) = 0;

  // The generations of a domain's key, rising, the first made now where there is none.
  virtual core::result<std::vector<domain_key>> domain_keys(const std::string& domain) = 0;
  virtual core::result<std::vector<std::string>> domains_with_keys() = 0;
  // The next generation, its number. `made` 1970: to be used without delay. Replacing and removing an account does the same, in one
  // transaction with the rest, for each domain for which the account had authority.
  virtual core::result<std::uint32_t> rotate_domain_key(const std::string& domain, core::wall_time made) = 0;
  virtual core::status rotate_domain_keys_of(const std::string& user) = 0;  // for an account that is revoked in another way
  // The same for each account of which one of these Node-IDs is, once for each of them, however often it is called.
  virtual core::status rotate_domain_keys_for(std::vector<identity::node_id> revoked) = 0;
  virtual core::status forget_domain_keys(const std::string& domain, std::uint32_t before_generation) = 0;
};

// The not_before of a certificate that is issued now: dated back as all are, and never so far that a revocation of the user, which may be
// of this very second, would be of it too, or that it would be outdated.
[[nodiscard]] core::result<core::wall_time> not_before_of(accounts& a, const std::string& user, core::wall_time now);

}  // namespace phyllo::enrollment
