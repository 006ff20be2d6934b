// Users whose certificates are revoked or outdated, and what of removed accounts is still to be withdrawn from the overlay (enrollment.md,
// "Accounts"): tables beside the accounts', changed in the same transaction.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "sqlite.hpp"

namespace phyllo::enrollment {

// What is changed here is part of the transaction that the caller holds. Every call may fail with errc::database. `db` outlives it.
class revocation_table {
 public:
  // Makes the tables where there are none. Certificates live no longer than `lifetime`, or the longest that this database was ever opened
  // with: who shortens it may have issued longer ones.
  [[nodiscard]] core::status prepare(database& db, std::chrono::seconds lifetime);

  // Why the user's certificates of before `now` are good no more. After `account` (he was removed, or has another password) they prove
  // nothing; after `authority` they are still his.
  enum class cause { account, authority };
  // Until the last of them has ended.
  [[nodiscard]] core::status revoke(const std::string& user, cause why, core::wall_time now);
  // They are good, but say less than he is entitled to.
  [[nodiscard]] core::status outdate(const std::string& user, core::wall_time now);
  // Of an account that is written: what its former password was good for is over, and nothing of it is to be withdrawn any more.
  [[nodiscard]] core::status come_in(const std::string& user, bool known, core::wall_time now);
  // Those whose last certificate has not ended, by user.
  [[nodiscard]] core::result<std::vector<user_revocation>> list(core::wall_time now);
  // In Unix seconds; 0: it never was, and any does. Certificates of before the first are revoked, those of the second on neither revoked
  // nor outdated, those of the third on proofs of who holds them.
  [[nodiscard]] core::result<std::uint32_t> revoked_before(const std::string& user);
  [[nodiscard]] core::result<std::uint32_t> fresh_from(const std::string& user);
  [[nodiscard]] core::result<std::uint32_t> proves_from(const std::string& user);
  [[nodiscard]] core::result<std::chrono::seconds> longest_certificate();

  [[nodiscard]] core::status withdraw(const std::string& user);
  [[nodiscard]] core::status withdrawn(const std::string& user);  // or made again
  [[nodiscard]] core::result<std::vector<std::string>> withdrawals();

 private:
  core::status forget_ended(core::wall_time now);
  core::result<std::uint32_t> second_of(statement& s, const std::string& user);

  statement longest_, longest_is_, revoke_, outdate_, forget_, forget_outdated_, list_, before_, fresh_, proves_, withdraw_, withdrawn_,
      withdrawals_;
};

}  // namespace phyllo::enrollment
