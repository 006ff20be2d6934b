// The accounts themselves in their database, and the number of its latest change: users with what their passwords are checked by, the
// secrets of their phones, and the domains for which they have authority.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/enrollment/accounts.hpp"
#include "sqlite.hpp"

namespace phyllo::enrollment {

// What is changed here is part of the transaction that the caller holds. Users are canonical (identity::canonical_user). Every call may
// fail with errc::database. `db` outlives it.
class account_table {
 public:
  [[nodiscard]] core::status prepare(database& db);

  // `replace`: also one that is there; the caller has looked otherwise.
  [[nodiscard]] core::status add(const prepared_account& a, bool replace, std::int64_t change);
  [[nodiscard]] core::status set_domains(const std::string& user, const std::vector<std::string>& domains, std::int64_t change);
  // Unless the account is another one by now than when it was checked.
  [[nodiscard]] core::status raise_cost(const std::string& user, const password_check& checked, const raised_cost& to);
  [[nodiscard]] core::status remove(const std::string& user);

  [[nodiscard]] core::result<bool> exists(const std::string& user);
  [[nodiscard]] core::result<std::vector<std::string>> domains_of(const std::string& user);  // sorted; no_such_account
  [[nodiscard]] core::result<digest_secret> secret(const std::string& user);                 // no_such_account
  // As accounts::check_for.
  [[nodiscard]] core::result<password_check> check_for(const std::string& user, unsigned unknown_log2_n);
  [[nodiscard]] core::result<node_owner> owner_of(const identity::node_id& node);  // no_such_account
  [[nodiscard]] core::result<std::vector<account>> list();
  [[nodiscard]] core::result<std::vector<account>> changed_since(std::int64_t change);

  [[nodiscard]] core::result<std::int64_t> latest_change();
  [[nodiscard]] core::result<std::int64_t> next_change();  // counts it

 private:
  statement insert_, replace_, remove_, exists_, list_, changed_since_, secret_, check_, set_domains_, raise_cost_, owner_, latest_, next_;
};

}  // namespace phyllo::enrollment
