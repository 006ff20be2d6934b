// The tables of accounts and their Node-IDs. What stands beside them (domain_key_table, revocation_table) makes its own.
#pragma once

#include "sqlite.hpp"

namespace phyllo::enrollment {

// Makes them in a new database. errc::database: it is of another version of this program.
[[nodiscard]] core::status prepare_account_schema(database& db);

}  // namespace phyllo::enrollment
