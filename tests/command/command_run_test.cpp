// The built program: a node of its own, alone in its overlay, and the commands that ask it.
#include <doctest.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "process.hpp"

namespace command_run_test {

using namespace phyllo;
using nlohmann::json;

TEST_CASE("the program serves, answers its command line with the right exit codes, and ends with 0 on SIGTERM") {
  const testing::temporary_directory d;
  const auto config = d.write("supernode.toml",
                              "[node]\naddress = \"127.60.1.5\"\nuser = \"node1@example.com\"\nfirst = true\ndomains = [\"example.com\"]\n"
                              "data_directory = \"" +
                                  d.file("data") +
                                  "\"\n[overlay]\nname = \"overlay.example.com\"\n"
                                  "[login]\nenabled = true\nscrypt_log2_n = 4\nsip_secret = \"account\"\n"
                                  "[ports]\nreload = 16084\nsip = 15060\nsips = 15061\nstun = 13478\nhttps = 10443\nhttp = 10080\n"
                                  "[admin]\naddress = \"127.60.1.5\"\nport = 16089\n");
  const auto run = [&](std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.end(), {"--config", config});
    return testing::run_supernode(d, std::move(arguments), input);
  };
  REQUIRE(run({"user", "add", "node1@example.com", "--authority", "example.com"}, "secret\n").exit_code == 0);
  testing::process server(d, {"run", "--config", config});
  int code = 5;
  for (int i = 0; i < 300 && code != 0; ++i) {
    REQUIRE_FALSE(server.ended());
    const auto status = run({"status", "--json"});
    code = status.exit_code == 0 && json::parse(status.out)["state"] == "ready" ? 0 : 5;
    if (code != 0) ::usleep(50'000);
  }
  REQUIRE(code == 0);
  CHECK(run({"overlay", "get", "alice@example.com"}).exit_code == 1);
  CHECK(run({"overlay", "add", "alice@example.com", "one"}).exit_code == 0);
  CHECK(run({"overlay", "add", "alice@example.com", "two"}).exit_code == 3);
  CHECK(run({"overlay", "update", "alice@example.com", "two", "--lifetime", "60"}).exit_code == 0);
  CHECK(run({"overlay", "get", "alice@example.com"}).out.starts_with("two\tnode1@example.com\t"));
  CHECK(run({"overlay", "get", "alice"}).exit_code == 2);
  std::string lines, names;
  for (int i = 0; i < 100; ++i) {
    lines += "user" + std::to_string(i) + "@example.com\tvalue" + std::to_string(i) + "\n";
    names += "user" + std::to_string(i) + "@example.com\n";
  }
  d.write("lines", lines);
  d.write("names", names);
  const auto added = run({"overlay", "add", "--batch", d.file("lines")});
  CHECK(added.exit_code == 0);
  CHECK(added.err.starts_with("add: 100 ok, 0 not found, 0 failed"));
  const auto got = run({"overlay", "get", "--json", "--batch", d.file("names")});
  CHECK(got.exit_code == 0);
  CHECK(std::ranges::count(got.out, '\n') == 100);
  CHECK(run({"status"}).out.find("ready") != std::string::npos);
  CHECK(run({"user", "add", "bob@example.com"}, "pw\n").exit_code == 0);  // with the server up

  // A configuration that can not be read any more is refused, and the node goes on.
  std::filesystem::rename(config, config + ".kept");
  std::filesystem::create_directory(config);
  server.signal(SIGHUP);
  for (int i = 0; i < 100 && testing::content_of(server.error_file()).find("not reloaded") == std::string::npos; ++i) ::usleep(20'000);
  CHECK(testing::content_of(server.error_file()).find(config + ": cannot be read: Is a directory") != std::string::npos);
  std::filesystem::remove(config);
  std::filesystem::rename(config + ".kept", config);
  CHECK(run({"reload"}).exit_code == 0);
  server.signal(SIGTERM);
  const auto ended = server.wait();
  CHECK_MESSAGE(ended.exit_code == 0, ended.err);
}

}  // namespace command_run_test
