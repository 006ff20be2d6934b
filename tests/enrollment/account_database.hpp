// A database of accounts in a directory of its own, and what is asked of it.
#pragma once

#include <doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "phyllo/enrollment/accounts.hpp"
#include "support/temporary_directory.hpp"

namespace phyllo::testing {

using enrollment::account_options;
using enrollment::accounts;
using enrollment::prepare_account;
using enrollment::prepared_account;

inline core::wall_time now() { return std::chrono::time_point_cast<core::wall_time::duration>(std::chrono::system_clock::now()); }

inline const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = true};

inline prepared_account prepared(const std::string& user, const std::string& password, std::vector<std::string> domains = {}) {
  return prepare_account(user, password, std::move(domains), quick).value();
}

inline const core::wall_time start = core::from_unix_milliseconds(1'767'225'600'000);
inline constexpr auto day = std::chrono::hours(24);

// For a certificate of a day, asked for `after` the start.
inline core::result<identity::node_id> node_id(accounts& a, const std::string& user, const std::string& device, bool peer = false,
                                               core::wall_time::duration after = {}) {
  return a.node_id_for({user, device, peer, start + after, start + after + day}, {});
}

struct account_database {
  temporary_directory directory;
  std::unique_ptr<accounts> a = open();
  [[nodiscard]] std::unique_ptr<accounts> open() const { return accounts::open(directory.file("accounts.sqlite")).value(); }
};

}  // namespace phyllo::testing
