// The Node-IDs of accounts: one a device, some of them with the right to be a peer, and how many an account may have.
#pragma once

#include "phyllo/enrollment/accounts.hpp"
#include "sqlite.hpp"

namespace phyllo::enrollment {

// Of the accounts' database. Calls that change it run in a transaction of the caller.
class node_table {
 public:
  core::status prepare(database& db);

  // node_ids_not_available, with the limit.
  core::result<identity::node_id> take(const node_request& q, const node_limits& limits);

  // None: it stays as it is.
  core::status set_peers(const std::string& user, std::optional<unsigned> peers);
  core::result<std::optional<unsigned>> peers_of(const std::string& user);
  core::status forget(const std::string& user);

 private:
  struct row {
    std::optional<identity::node_id> id;  // none: the device is new
    std::int64_t ends_ms = 0;             // its latest certificate
    std::int64_t peer_until_ms = 0;       // the latest with the right
  };
  core::result<row> find(const node_request& q);
  core::status check_limits(const node_request& q, const row& at, const node_limits& limits);
  core::result<std::int64_t> count(statement& s, const node_request& q, std::int64_t number);

  statement find_, update_, add_, peers_, clients_, made_, forget_old_, forget_, limit_, set_limit_, unset_limit_;
};

}  // namespace phyllo::enrollment
