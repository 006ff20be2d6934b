// The domains' keys in the accounts' database (enrollment.md, "Domain keys"): a table of its own beside the accounts'.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "sqlite.hpp"

namespace phyllo::enrollment {

// What is changed here is part of the transaction that the caller holds. Every call may fail with errc::database. `db` outlives it.
class domain_key_table {
 public:
  // Makes the table where there is none.
  [[nodiscard]] core::status prepare(database& db);

  // By generation, rising; empty: the domain has none yet.
  [[nodiscard]] core::result<std::vector<domain_key>> find(const std::string& domain);
  // Adds the next generation; the oldest of more than identity::domain_keyring keeps goes.
  [[nodiscard]] core::result<std::uint32_t> add_next(const std::string& domain, core::wall_time made);
  // A next generation for each domain for which `user` has authority and that has a key.
  [[nodiscard]] core::status rotate_of(const std::string& user, core::wall_time now);
  [[nodiscard]] core::status forget_before(const std::string& domain, std::uint32_t generation);
  [[nodiscard]] core::result<std::vector<std::string>> domains();

 private:
  [[nodiscard]] core::result<std::vector<std::string>> texts(statement& s);

  statement find_, add_, authority_, forget_, domains_;
};

}  // namespace phyllo::enrollment
