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
  // Users with authority who have one of these Node-IDs, apart from those Node-IDs that done_for() was told of.
  struct holder {
    identity::node_id node;
    std::string user;
  };
  [[nodiscard]] core::result<std::vector<holder>> holders_of(const std::vector<identity::node_id>& sorted);
  [[nodiscard]] core::status done_for(const identity::node_id& node);
  [[nodiscard]] core::status forget_before(const std::string& domain, std::uint32_t generation);
  [[nodiscard]] core::result<std::vector<std::string>> domains();

 private:
  [[nodiscard]] core::result<std::vector<std::string>> texts(statement& s);

  statement find_, add_, authority_, holders_, done_, forget_, domains_;
};

}  // namespace phyllo::enrollment
