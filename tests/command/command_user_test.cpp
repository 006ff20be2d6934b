#include <doctest.h>

#include <nlohmann/json.hpp>

#include "login_server_commands.hpp"
#include "phyllo/enrollment/accounts.hpp"

namespace command_user_test {

using namespace phyllo;
using fixture = testing::login_server_commands;
using nlohmann::json;

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

}  // namespace command_user_test
