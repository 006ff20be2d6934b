#include "sip/forwarding_search.hpp"

#include <doctest.h>

namespace forwarding_search_test {

using phyllo::sip::forwarding_search;

TEST_CASE("a call goes on to each user once, so a circle ends") {
  forwarding_search s("a@example.com");
  CHECK(s.next()->first);
  CHECK(s.add("b@example.com", 500));
  CHECK_FALSE(s.add("b@example.com", 1000));
  CHECK_FALSE(s.add("a@example.com", 1000));
  const auto b = s.next();
  REQUIRE(b.has_value());
  CHECK(b->user == "b@example.com");
  CHECK(b->q_thousandths == 500);
  CHECK_FALSE(b->first);
  CHECK_FALSE(s.add("a@example.com", 500));
  CHECK_FALSE(s.next().has_value());
}

TEST_CASE("a call goes on to few users, however they forward it") {
  forwarding_search s("user0");
  std::size_t looked_up = 0;
  while (const auto at = s.next()) {
    ++looked_up;
    for (int i = 0; i < 10; ++i) (void)s.add(at->user + "." + std::to_string(i), 1000);
  }
  CHECK(looked_up == forwarding_search::users_max);
}

TEST_CASE("a user who has no room for the call is left out") {
  forwarding_search s("a");
  (void)s.next();
  CHECK(s.add("b", 1000));
  s.drop_last();
  CHECK_FALSE(s.next().has_value());
}

}  // namespace forwarding_search_test
