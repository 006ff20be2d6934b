#include "command/report.hpp"

#include <doctest.h>

#include <nlohmann/json.hpp>

#include "login_server_commands.hpp"
#include "phyllo/node/errc.hpp"

namespace report_test {

using namespace phyllo;
using command::exit_code;
using nlohmann::json;

TEST_CASE("how a command ends differs by what went wrong") {
  CHECK(command::finish(core::status(), false) == exit_code::ok);
  CHECK(command::finish(core::fail(node::errc::not_found, "x"), true) == exit_code::not_found);
  CHECK(command::finish(core::fail(node::errc::configuration, "x"), true) == exit_code::usage);
  CHECK(command::report(core::error(node::errc::refused), true) == exit_code::refused);
  CHECK(command::report(core::error(node::errc::timed_out), true) == exit_code::timed_out);
  CHECK(command::report(core::error(node::errc::no_running_node), true) == exit_code::no_running_node);
}

TEST_CASE("an error goes to standard error, a line for each that there is, or as one object to standard output") {
  testing::login_server_commands f;
  const std::vector<std::string> wrong{"user", "list", "--set", "login.scrypt_log2_n=99", "--set", "overlay.replicas=0"};
  const auto told = f.run(wrong);
  CHECK(told.exit_code == 2);
  CHECK(told.out.empty());
  std::size_t lines = 0;
  for (auto at = told.err.find("supernode: "); at != std::string::npos; at = told.err.find("\nsupernode: ", at + 1)) ++lines;
  CHECK(lines == 2);
  auto as_json = wrong;
  as_json.emplace_back("--json");
  const auto printed = f.run(as_json);
  CHECK(printed.err.empty());
  const auto object = json::parse(printed.out);
  CHECK(object["error"] == "configuration");
  CHECK(object["message"].get<std::string>().find("login.scrypt_log2_n") != std::string::npos);
}

}  // namespace report_test
