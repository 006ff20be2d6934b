// The errors of tier enrollment.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::enrollment {

enum class errc {
  failed_authentication = 1,  // wrong user or password (RFC 6940 s.11.3)
  username_not_available,     // the name is not this account's, or taken
  node_ids_not_available,     // no Node-ID can be issued
  bad_csr,                    // the certificate request does not parse or names another user
  account_exists,             // user add: already there
  no_such_account,            // user remove, or a query
  invalid_user,               // not a user@domain
  database,                   // SQLite refused; its words in the detail
  server_error,               // the login or bootstrap server answered otherwise; status in the detail
  unreachable,                // no server answered
  too_many_attempts,          // log-ins that failed, from the address or for the account: the server takes no more for now
  unknown_generation,         // sealed with a generation of the domain's key that is not at hand
  configuration,              // a file that its operator names is not what it should be; its path in the detail
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::enrollment

template <>
struct std::is_error_code_enum<phyllo::enrollment::errc> : std::true_type {};
