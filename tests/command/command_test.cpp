#include <doctest.h>

#include <nlohmann/json.hpp>

#include "phyllo/enrollment/accounts.hpp"
#include "process.hpp"

namespace command_test {

using namespace phyllo;
using nlohmann::json;
using testing::run_supernode;

namespace {

// A login server's configuration whose admin port nobody serves.
struct fixture {
  testing::temporary_directory directory;
  std::string config;

  fixture() {
    config = directory.write("supernode.toml",
                             "[node]\naddress = \"127.60.0.9\"\nuser = \"node@example.com\"\ndata_directory = \"" + directory.file("data") +
                                 "\"\n[overlay]\nname = \"overlay.example.com\"\n[login]\nenabled = true\nscrypt_log2_n = 4\n" +
                                 "[admin]\naddress = \"127.60.0.9\"\nport = 16089\n");
  }

  testing::finished run(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.end(), {"--config", config});
    return run_supernode(directory, std::move(arguments), input);
  }
};

}  // namespace

TEST_CASE("version prints the version, as JSON too") {
  const testing::temporary_directory d;
  CHECK(run_supernode(d, {"version"}).out == "supernode 0.1.0\n");
  CHECK(json::parse(run_supernode(d, {"version", "--json"}).out) == json{{"version", "0.1.0"}});
  const auto by_flag = run_supernode(d, {"--version"});
  CHECK(by_flag.exit_code == 0);
  CHECK(by_flag.out == "supernode 0.1.0\n");
}

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

TEST_CASE("accounts are added, listed and removed with the server down") {
  fixture f;
  const auto added = f.run({"user", "add", "alice@example.com"}, "wonderland\n");
  CHECK(added.exit_code == 0);
  CHECK(added.out.starts_with("alice@example.com,"));  // the SIP secret, shown once
  CHECK(f.run({"user", "add", "alice@example.com"}, "again\n").exit_code == 3);
  CHECK(f.run({"user", "add", "alice@example.com", "--replace", "--authority", "example.com"}, "again\n").exit_code == 0);
  CHECK(json::parse(f.run({"user", "list", "--json"}).out) ==
        json{{"user", "alice@example.com"}, {"authority", {"example.com"}}, {"peers", 1}});
  const auto removed = f.run({"user", "remove", "alice@example.com", "--json"});
  CHECK(removed.exit_code == 0);
  CHECK(json::parse(removed.out) == json{{"user", "alice@example.com"},
                                         {"removed", true},
                                         {"in_force", false},
                                         {"reason", "the login server does not run: the overlay hears of it when it does"}});
  CHECK(f.run({"user", "remove", "alice@example.com"}).exit_code == 1);
  CHECK(f.run({"user", "add", "alice"}, "x\n").exit_code == 2);
  CHECK(f.run({"user", "add", "bob@example.com"}, "\n").exit_code == 2);
  CHECK(f.run({"user", "list"}).out == "");
}

TEST_CASE("authority and supernodes are granted and taken away without a password, and a new password keeps both") {
  fixture f;
  const auto listed = [&] { return json::parse(f.run({"user", "list", "--json"}).out); };
  CHECK(f.run({"user", "add", "op@example.com", "--peers", "3"}, "secret\n").exit_code == 0);
  CHECK(f.run({"user", "change", "op@example.com", "--authority", "example.com"}).exit_code == 0);
  CHECK(f.run({"user", "change", "op@example.com", "--authority", "example.net"}).exit_code == 0);
  CHECK(listed() == json{{"user", "op@example.com"}, {"authority", {"example.com", "example.net"}}, {"peers", 3}});
  CHECK(f.run({"user", "add", "op@example.com", "--replace"}, "another\n").exit_code == 0);
  CHECK(listed() == json{{"user", "op@example.com"}, {"authority", {"example.com", "example.net"}}, {"peers", 3}});
  CHECK(f.run({"user", "change", "op@example.com", "--no-authority", "--authority", "example.org", "--peers", "5"}).exit_code == 0);
  CHECK(listed() == json{{"user", "op@example.com"}, {"authority", {"example.org"}}, {"peers", 5}});
  CHECK(f.run({"user", "change", "nobody@example.com", "--peers", "1"}).exit_code == 1);
  const auto nothing = f.run({"user", "change", "op@example.com"});
  CHECK(nothing.exit_code == 2);
  CHECK(nothing.err.find("say what is to change: --authority DOMAIN, --no-authority or --peers N") != std::string::npos);
}

TEST_CASE("a domain's key is rotated with the server down, and a domain without one is named with those that have") {
  fixture f;
  const auto none = f.run({"user", "rotate-key", "example.com"});
  CHECK(none.exit_code == 1);
  CHECK(none.err.find("example.com has no key yet; those that have: none") != std::string::npos);
  {
    const auto accounts = enrollment::accounts::open(f.directory.file("data/accounts.db")).value();
    REQUIRE(accounts->domain_keys("example.com"));
  }
  CHECK(f.run({"user", "rotate-key", "example.com"}).out == "example.com has generation 2 of its key now\n");
  CHECK(json::parse(f.run({"user", "rotate-key", "example.com", "--now", "--json"}).out) ==
        json{{"domain", "example.com"}, {"generation", 3}});
  CHECK(f.run({"user", "rotate-key", "other.org"}).err.find("those that have: example.com") != std::string::npos);
}

TEST_CASE("an account with more authority than a certificate can say is refused as wrong usage") {
  fixture f;
  std::vector<std::string> arguments{"user", "add", "op@example.com"};
  for (int i = 0; i < 65; ++i) arguments.insert(arguments.end(), {"--authority", "d" + std::to_string(i) + ".example.com"});
  const auto r = f.run(arguments, "secret\n");
  CHECK(r.exit_code == 2);
  CHECK(r.err.find("authority for 65 domains, where a certificate has room for 64") != std::string::npos);
}

TEST_CASE("an import ends with a summary, and with 2 if a line was bad") {
  fixture f;
  f.directory.write("good.csv", "a@example.com,x\nb@example.com,y\n");
  const auto good = f.run({"user", "import", f.directory.file("good.csv"), "--json", "--set", "login.sip_secret=account"});
  CHECK(good.exit_code == 0);
  CHECK(json::parse(good.out)["imported"] == 2);
  f.directory.write("bad.csv", "c@example.com,z\nd@example.com\n");
  const auto bad = f.run({"user", "import", f.directory.file("bad.csv")});
  CHECK(bad.exit_code == 2);
  CHECK(bad.err.find("bad.csv:2: ") != std::string::npos);
  CHECK(bad.err.find("1 accounts imported, 1 bad lines") != std::string::npos);
  CHECK(f.run({"user", "import", "-"}, "e@example.com,q\n").exit_code == 0);
  CHECK(f.run({"user", "import", f.directory.file("none.csv")}).exit_code == 2);
}

TEST_CASE("accounts of a node that is no login server are refused with the key that says so") {
  fixture f;
  const auto r = f.run(
      {"user", "list", "--set", "login.enabled=false", "--set", "node.password_file=x", "--set", "bootstrap.urls=https://192.0.2.1/"});
  CHECK(r.exit_code == 2);
  CHECK(r.err.find("login.enabled: expected true") != std::string::npos);
}

}  // namespace command_test
