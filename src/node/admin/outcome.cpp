#include "phyllo/node/outcome.hpp"

#include <array>
#include <string_view>

#include "phyllo/disk/errc.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/node/errc.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::node {
namespace {

struct row {
  std::error_code code;
  std::string_view token;
  exit_code exit;
};

// The one table of what a program sees for an error a person reads.
const std::array rows{
    row{make_error_code(errc::configuration), "configuration", exit_code::usage},
    row{make_error_code(errc::usage), "usage", exit_code::usage},
    row{make_error_code(errc::no_running_node), "no_running_node", exit_code::no_running_node},
    row{make_error_code(errc::not_found), "not_found", exit_code::not_found},
    row{make_error_code(errc::refused), "refused", exit_code::refused},
    row{make_error_code(errc::timed_out), "timed_out", exit_code::timed_out},
    row{make_error_code(errc::malformed), "malformed", exit_code::usage},
    row{make_error_code(disk::errc::io), "io", exit_code::usage},
    row{make_error_code(overlay::errc::not_found), "not_found", exit_code::not_found},
    row{make_error_code(overlay::errc::already_exists), "already_exists", exit_code::refused},
    row{make_error_code(overlay::errc::data_too_old), "data_too_old", exit_code::refused},
    row{make_error_code(overlay::errc::forbidden), "forbidden", exit_code::refused},
    row{make_error_code(overlay::errc::quota_exceeded), "quota_exceeded", exit_code::refused},
    row{make_error_code(overlay::errc::timed_out), "timed_out", exit_code::timed_out},
    row{make_error_code(overlay::errc::not_joined), "not_joined", exit_code::refused},
    row{make_error_code(overlay::errc::unknown_overlay), "unknown_overlay", exit_code::usage},
    row{make_error_code(overlay::errc::unknown_kind), "unknown_kind", exit_code::refused},
    row{make_error_code(overlay::errc::invalid_message), "invalid_message", exit_code::refused},
    row{make_error_code(overlay::errc::unreachable), "unreachable", exit_code::timed_out},
    row{make_error_code(overlay::errc::generation), "generation", exit_code::refused},
    row{make_error_code(overlay::errc::configuration), "overlay_configuration", exit_code::refused},
    row{make_error_code(overlay::errc::invalid_name), "invalid_name", exit_code::usage},
    row{make_error_code(overlay::errc::invalid_record), "invalid_record", exit_code::usage},
    row{make_error_code(overlay::errc::refused), "refused", exit_code::refused},
    row{make_error_code(enrollment::errc::failed_authentication), "failed_authentication", exit_code::refused},
    row{make_error_code(enrollment::errc::account_exists), "account_exists", exit_code::refused},
    row{make_error_code(enrollment::errc::no_such_account), "no_such_account", exit_code::not_found},
    row{make_error_code(enrollment::errc::invalid_user), "invalid_user", exit_code::usage},
    row{make_error_code(enrollment::errc::database), "database", exit_code::usage},
    row{make_error_code(enrollment::errc::configuration), "configuration", exit_code::usage},
    row{make_error_code(core::errc::invalid), "invalid", exit_code::usage},
    row{make_error_code(core::errc::timed_out), "timed_out", exit_code::timed_out},
};

const row* find(const core::error& e) {
  for (const auto& r : rows) {
    if (e.code() == r.code) return &r;
  }
  return nullptr;
}

}  // namespace

std::string error_token(const core::error& e) {
  const auto* r = find(e);
  return r != nullptr ? std::string(r->token) : "error";
}

exit_code exit_code_of(const core::error& e) {
  const auto* r = find(e);
  return r != nullptr ? r->exit : exit_code::refused;
}

exit_code exit_code_of_token(const std::string& token) {
  for (const auto& r : rows) {
    if (token == r.token) return r.exit;
  }
  return exit_code::refused;
}

}  // namespace phyllo::node
