#include <doctest.h>

#include <nlohmann/json.hpp>

#include "login_server_commands.hpp"

namespace command_check_test {

using namespace phyllo;
using fixture = testing::login_server_commands;
using nlohmann::json;
using testing::run_supernode;

TEST_CASE("version prints the version, as JSON too") {
  const testing::temporary_directory d;
  CHECK(run_supernode(d, {"version"}).out == "supernode 0.1.0\n");
  CHECK(json::parse(run_supernode(d, {"version", "--json"}).out) == json{{"version", "0.1.0"}});
  const auto by_flag = run_supernode(d, {"--version"});
  CHECK(by_flag.exit_code == 0);
  CHECK(by_flag.out == "supernode 0.1.0\n");
}

TEST_CASE("check says ok, or where the error is, and ends with 2") {
  fixture f;
  CHECK(f.run({"check"}).out == f.config + ": ok\n");
  const auto wrong = f.run({"check", "--set", "login.scrypt_log2_n=99"});
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err.find("login.scrypt_log2_n: expected a number from 4 to 20, not 99") != std::string::npos);
  const auto as_json = f.run({"check", "--json", "--set", "overlay.leafset=8"});
  CHECK(as_json.exit_code == 2);
  CHECK(json::parse(as_json.out)["error"] == "configuration");
  const auto missing = run_supernode(f.directory, {"check", "--config", f.directory.file("none.toml")});
  CHECK(missing.exit_code == 2);
}

}  // namespace command_check_test
