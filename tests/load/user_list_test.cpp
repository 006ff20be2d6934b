#include "user_list.hpp"

#include <doctest.h>

namespace user_list_test {

using namespace phyllo::load;

TEST_CASE("a pattern gives numbered users with numbered passwords") {
  const auto u = users_of_pattern("u{}x", "pw{}", 3);
  REQUIRE(u.size() == 3);
  CHECK(u[2].name == "u2x");
  CHECK(u[2].password == "pw2");
  CHECK(users_of_pattern("bob", "same", 1)[0].name == "bob");
}

TEST_CASE("a file of users is read as `supernode user import` reads it") {
  const auto u = users_of_csv("alice@example.com,secret\r\n\n# nobody\nbob,pw,3\n");
  REQUIRE(u);
  REQUIRE(u->size() == 2);
  CHECK(u->at(0).name == "alice");
  CHECK(u->at(0).password == "secret");
  CHECK(u->at(1).password == "pw");
}

TEST_CASE("a line without a password is named by its number") {
  const auto u = users_of_csv("a,b\nc\n");
  REQUIRE_FALSE(u);
  CHECK(u.error().detail().find("line 2") != std::string::npos);
  CHECK_FALSE(users_of_csv("\n"));
}

}  // namespace user_list_test
