#include "sip/user_flows.hpp"

#include <doctest.h>

namespace user_flows_test {

using namespace phyllo::sip;

namespace {
constexpr flow_id first{1}, second{2}, trunk{3};
using flows = std::vector<flow_id>;
constexpr std::size_t most = 10;
}  // namespace

TEST_CASE("a user who is gone takes his own connections along, and not one that others have registered by") {
  user_flows f;
  f.note("bob@example.com", first, most);
  f.note("bob@example.com", second, most);
  f.note("bob@example.com", trunk, most);
  f.note("alice@example.com", trunk, most);
  f.note("bob@example.com", flow_id::none, most);
  CHECK(f.take("bob@example.com") == flows{first, second});
  CHECK(f.take("bob@example.com").empty());
  CHECK(f.take("alice@example.com") == flows{trunk});
}

TEST_CASE("a connection that has closed is nobody's any more") {
  user_flows f;
  f.note("bob@example.com", first, most);
  f.note("alice@example.com", first, most);
  f.forget(first);
  f.forget(second);
  CHECK(f.by_user().empty());
  CHECK(f.take("bob@example.com").empty());
}

TEST_CASE("a user has so many connections at a time, and the oldest is let go") {
  user_flows f;
  CHECK(f.note("bob@example.com", first, 2) == flow_id::none);
  CHECK(f.note("bob@example.com", second, 2) == flow_id::none);
  CHECK(f.note("bob@example.com", second, 2) == flow_id::none);
  CHECK(f.note("bob@example.com", trunk, 2) == first);
  CHECK(f.take("bob@example.com") == flows{second, trunk});
}

TEST_CASE("a connection that others have registered by is not let go") {
  user_flows f;
  f.note("alice@example.com", first, 1);
  f.note("bob@example.com", first, 1);
  CHECK(f.note("bob@example.com", second, 1) == flow_id::none);
  CHECK(f.note("alice@example.com", trunk, 1) == first);
}

}  // namespace user_flows_test
