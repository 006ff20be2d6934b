#include <doctest.h>

#include <nlohmann/json.hpp>

#include "login_server_commands.hpp"

namespace command_test {

using namespace phyllo;
using nlohmann::json;
using fixture = testing::login_server_commands;
using testing::run_supernode;

TEST_CASE("help is a command, too") {
  const testing::temporary_directory d;
  CHECK(run_supernode(d, {"help"}).out == run_supernode(d, {"--help"}).out);
  const auto one = run_supernode(d, {"help", "user", "add"});
  CHECK(one.exit_code == 0);
  CHECK(one.out == run_supernode(d, {"user", "add", "--help"}).out);
}

TEST_CASE("every command's help shows an example and ends with 0") {
  const testing::temporary_directory d;
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"run"},
                                                          {"check"},
                                                          {"status"},
                                                          {"reload"},
                                                          {"version"},
                                                          {"user"},
                                                          {"user", "add"},
                                                          {"user", "change"},
                                                          {"user", "remove"},
                                                          {"user", "list"},
                                                          {"user", "import"},
                                                          {"user", "rotate-key"},
                                                          {"overlay"},
                                                          {"overlay", "add"},
                                                          {"overlay", "get"},
                                                          {"overlay", "update"},
                                                          {"overlay", "remove"},
                                                          {"overlay", "watch"},
                                                          {"overlay", "trace"}};
  for (auto arguments : commands) {
    arguments.emplace_back("--help");
    const auto r = run_supernode(d, arguments);
    CHECK(r.exit_code == 0);
    CHECK_MESSAGE(r.out.find("Example:\n  supernode ") != std::string::npos, r.out);
  }
}

TEST_CASE("wrong usage ends with 2") {
  fixture f;
  CHECK(run_supernode(f.directory, {}).exit_code == 2);
  CHECK(run_supernode(f.directory, {"serve"}).exit_code == 2);
  CHECK(f.run({"status", "--jsn"}).exit_code == 2);
  CHECK(f.run({"overlay", "add", "alice@example.com"}).exit_code == 2);
  CHECK(f.run({"overlay", "get"}).exit_code == 2);
  CHECK(f.run({"overlay", "get", "alice@example.com", "--timeout", "0"}).exit_code == 2);
  CHECK(f.run({"overlay", "get", "alice@example.com", "--batch", "x"}).exit_code == 2);
  CHECK(f.run({"overlay", "get", "--batch", "/nonexistent"}).exit_code == 2);
  CHECK(f.run({"overlay", "watch"}).exit_code == 2);
  CHECK(f.run({"overlay", "trace"}).exit_code == 2);
  const auto trace = f.run({"overlay", "trace", "nobody"});
  CHECK(trace.exit_code == 2);
  CHECK(trace.err.find("expected [type:]user@domain, or a key of 32 hex digits, not \"nobody\"") != std::string::npos);
  CHECK(f.run({"overlay", "watch", "alice@example.com", "--count", "0"}).exit_code == 2);
}

TEST_CASE("run with a wrong configuration ends with 2 before it opens anything") {
  fixture f;
  const auto r = f.run({"run", "--set", "node.address=nowhere"});
  CHECK(r.exit_code == 2);
  CHECK_FALSE(std::filesystem::exists(f.directory.file("data")));
}

TEST_CASE("without a running node status and overlay end with 5") {
  fixture f;
  CHECK(f.run({"status"}).exit_code == 5);
  CHECK(f.run({"reload"}).exit_code == 5);
  const auto s = f.run({"status", "--json"});
  CHECK(s.exit_code == 5);
  CHECK(json::parse(s.out)["error"] == "no_running_node");
  CHECK(f.run({"overlay", "get", "alice@example.com"}).exit_code == 5);
  CHECK(f.run({"overlay", "watch", "alice@example.com"}).exit_code == 5);
  CHECK(f.run({"overlay", "trace", "alice@example.com"}).exit_code == 5);
  f.directory.write("names", "a@example.com\nb@example.com\n");
  const auto batch = f.run({"overlay", "get", "--batch", f.directory.file("names")});
  CHECK(batch.exit_code == 5);
  CHECK(batch.err.find("get: 0 ok") != std::string::npos);
}

}  // namespace command_test
