// Many accounts from a CSV of user,password or user,password,peers: passwords are derived on all cores, each chunk is one transaction.
#pragma once

#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/enrollment/accounts.hpp"

namespace phyllo::command {

struct import_summary {
  std::size_t imported = 0;
  std::size_t bad_lines = 0;
};

struct import_observer {
  std::function<void(std::size_t line, const core::error& why)> bad_line;
  std::function<void(const enrollment::prepared_account& a)> imported;
  std::function<void(std::size_t done)> progress;
};

struct import_options {
  enrollment::account_options account;
  unsigned threads = 1;
  bool replace = false;  // existing accounts get the password of their line, and keep their authority; else such a line is a bad one
};

// A bad line is told and skipped; a first line "user,password" is a heading. Fails with the database's error, which leaves the chunks
// before it in place.
[[nodiscard]] core::result<import_summary> import_accounts(std::istream& in, enrollment::accounts& to, const import_options& o,
                                                           const import_observer& observer);

}  // namespace phyllo::command
