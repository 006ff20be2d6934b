#include "sip/digest_user.hpp"

#include <doctest.h>

namespace digest_user_test {

using phyllo::sip::digest_user;

TEST_CASE("a name and a whole address are the same account, and another domain's address is a name") {
  CHECK(digest_user("alice", "example.com").account == "alice@example.com");
  CHECK_FALSE(digest_user("alice", "example.com").whole);
  CHECK(digest_user("alice@example.com", "example.com").account == "alice@example.com");
  CHECK(digest_user("alice@example.com", "example.com").whole);
  CHECK(digest_user("alice@example.org", "example.com").account == "alice@example.org@example.com");
  CHECK_FALSE(digest_user("alice@example.org", "example.com").whole);
  CHECK(digest_user("", "example.com").account == "@example.com");
  CHECK(digest_user("@example.com", "example.com").whole);
}

}  // namespace digest_user_test
