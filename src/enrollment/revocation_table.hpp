// Users whose certificates are revoked, and what of removed accounts is still to be withdrawn from the overlay (enrollment.md, "Removing an
// account"): tables beside the accounts', changed in the same transaction.
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

  // The user's certificates of before `now`, until the last of them has ended.
  [[nodiscard]] core::status revoke(const std::string& user, core::wall_time now);
  // Those whose last certificate has not ended, by user.
  [[nodiscard]] core::result<std::vector<user_revocation>> list(core::wall_time now);
  // 0: never revoked.
  [[nodiscard]] core::result<std::uint32_t> revoked_before(const std::string& user);

  [[nodiscard]] core::status withdraw(const std::string& user);
  [[nodiscard]] core::status withdrawn(const std::string& user);  // or made again
  [[nodiscard]] core::result<std::vector<std::string>> withdrawals();

 private:
  statement longest_, revoke_, forget_, list_, before_, withdraw_, withdrawn_, withdrawals_;
};

}  // namespace phyllo::enrollment
