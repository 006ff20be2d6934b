#include "command/user_import.hpp"

#include <doctest.h>

#include <map>
#include <sstream>

#include "support/temporary_directory.hpp"

namespace user_import_test {

using namespace phyllo;

namespace {

struct imported {
  testing::temporary_directory directory;
  std::unique_ptr<enrollment::accounts> accounts = *enrollment::accounts::open(directory.file("accounts.db"));
  std::map<std::size_t, std::string> bad;
  std::vector<std::string> users;
  command::import_summary summary;

  explicit imported(const std::string& csv) { take(csv, false); }

  void take(const std::string& csv, bool replace) {
    command::import_options o;
    o.account.scrypt_log2_n = 4;
    o.threads = 4;
    o.replace = replace;
    command::import_observer observer;
    observer.bad_line = [this](std::size_t line, const core::error& e) { bad[line] = e.message(); };
    observer.imported = [this](const enrollment::prepared_account& a) { users.push_back(a.user); };
    observer.progress = [](std::size_t) {};
    std::istringstream in(csv);
    summary = command::import_accounts(in, *accounts, o, observer).value();
  }
};

}  // namespace

TEST_CASE("an import makes accounts that authenticate, skips its heading, and tells bad lines by number") {
  imported i(
      "user,password\nalice@example.com,wonderland\r\nnonsense\nbob@example.com,\"a,b\"\nnobody,x\n\ncarol@example.com,\na@b.c,d,e\n");
  CHECK(i.summary.imported == 2);
  CHECK(i.summary.bad_lines == 4);
  CHECK(i.bad.contains(3));
  CHECK(i.bad[3].find("expected user,password") != std::string::npos);
  CHECK(i.bad.contains(5));  // no domain: refused when the account is made
  CHECK(i.bad.contains(7));
  CHECK(i.bad.contains(8));
  CHECK(i.accounts->authenticate("alice@example.com", "wonderland").has_value());
  CHECK(i.accounts->authenticate("bob@example.com", "a,b").has_value());
  CHECK_FALSE(i.accounts->authenticate("bob@example.com", "a").has_value());
}

TEST_CASE("an import changes no existing account but where it is told to, and authority stays then") {
  imported i("alice@example.com,wonderland\nbob@example.com,builder\nbob@EXAMPLE.com,another\n");
  CHECK(i.summary.imported == 2);
  CHECK(i.bad.contains(3));  // twice in one file: the second one is no password to take without a word
  const enrollment::account_options o{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::random, .md5 = true};
  REQUIRE(i.accounts->add(enrollment::prepare_account("node@example.com", "secret", {"example.com"}, o).value(), false));
  i.take("alice@example.com,mirror\nnode@example.com,other\ncarol@example.com,new\n", false);
  CHECK(i.summary.imported == 1);
  CHECK(i.summary.bad_lines == 2);
  CHECK(i.bad.at(1).find("alice@example.com; --replace gives it this password") != std::string::npos);
  CHECK(i.accounts->authenticate("alice@example.com", "wonderland").has_value());
  i.take("alice@example.com,mirror\nnode@example.com,other\n", true);
  CHECK(i.summary.imported == 2);
  CHECK(i.accounts->authenticate("alice@example.com", "mirror").has_value());
  const auto node = i.accounts->authenticate("node@example.com", "other");
  REQUIRE(node.has_value());
  CHECK(node->domains == std::vector<std::string>{"example.com"});
}

TEST_CASE("an import says how many peers an account may have, where it says so") {
  imported i("nodes@example.com,secret,5\nalice@example.com,wonderland\n");
  CHECK(i.summary.bad_lines == 0);
  CHECK(i.accounts->peers_of("nodes@example.com").value() == 5);
  CHECK(i.accounts->peers_of("alice@example.com").value() == std::nullopt);
}

TEST_CASE("an import over several chunks and threads loses and doubles nobody") {
  std::string csv;
  for (int n = 0; n < 2500; ++n) csv += "user" + std::to_string(n) + "@example.com,secret" + std::to_string(n) + "\n";
  imported i(csv);
  CHECK(i.summary.imported == 2500);
  CHECK(i.users.size() == 2500);
  CHECK(i.accounts->list().value().size() == 2500);
  CHECK(i.accounts->authenticate("user2499@example.com", "secret2499").has_value());
}

}  // namespace user_import_test
