#include "phyllo/node/outcome.hpp"

#include <doctest.h>

#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/node/errc.hpp"
#include "phyllo/overlay/errc.hpp"

namespace outcome_test {

using namespace phyllo;
using node::exit_code;

TEST_CASE("scripts tell causes apart by the exit code and by the token") {
  struct row {
    core::error error;
    const char* token;
    exit_code exit;
  };
  for (const auto& r : {row{core::error(node::errc::no_running_node), "no_running_node", exit_code::no_running_node},
                        row{core::error(node::errc::configuration), "configuration", exit_code::usage},
                        row{core::error(overlay::errc::not_found), "not_found", exit_code::not_found},
                        row{core::error(overlay::errc::timed_out), "timed_out", exit_code::timed_out},
                        row{core::error(overlay::errc::unreachable), "unreachable", exit_code::timed_out},
                        row{core::error(overlay::errc::forbidden), "forbidden", exit_code::refused},
                        row{core::error(overlay::errc::configuration), "overlay_configuration", exit_code::refused},
                        row{core::error(enrollment::errc::no_such_account), "no_such_account", exit_code::not_found},
                        row{core::error(enrollment::errc::invalid_user), "invalid_user", exit_code::usage}}) {
    CHECK(node::error_token(r.error) == r.token);
    CHECK(node::exit_code_of(r.error) == r.exit);
    CHECK(node::exit_code_of_token(r.token) == r.exit);
  }
}

TEST_CASE("an error of another kind is one all the same") {
  const core::error other(identity::errc::expired);
  CHECK(node::error_token(other) == "error");
  CHECK(node::exit_code_of(other) == exit_code::refused);
  CHECK(node::exit_code_of_token("error") == exit_code::refused);
  CHECK(node::exit_code_of_token("") == exit_code::refused);
}

TEST_CASE("the exit codes are the documented numbers") {
  CHECK(static_cast<int>(exit_code::ok) == 0);
  CHECK(static_cast<int>(exit_code::not_found) == 1);
  CHECK(static_cast<int>(exit_code::usage) == 2);
  CHECK(static_cast<int>(exit_code::refused) == 3);
  CHECK(static_cast<int>(exit_code::timed_out) == 4);
  CHECK(static_cast<int>(exit_code::no_running_node) == 5);
}

}  // namespace outcome_test
