#include "sip/user_flows.hpp"

#include <doctest.h>

namespace user_flows_test {

using namespace phyllo::sip;

namespace {
constexpr flow_id first{1}, second{2}, trunk{3};
using flows = std::vector<flow_id>;
}  // namespace

TEST_CASE("a user who is gone takes his own connections along, and not one that others have registered by") {
  user_flows f;
  f.note("bob@example.com", first);
  f.note("bob@example.com", second);
  f.note("bob@example.com", trunk);
  f.note("alice@example.com", trunk);
  f.note("bob@example.com", flow_id::none);
  CHECK(f.take("bob@example.com") == flows{first, second});
  CHECK(f.take("bob@example.com").empty());
  CHECK(f.take("alice@example.com") == flows{trunk});
}

TEST_CASE("a connection that has closed is nobody's any more") {
  user_flows f;
  f.note("bob@example.com", first);
  f.note("alice@example.com", first);
  f.forget(first);
  f.forget(second);
  CHECK(f.by_user().empty());
  CHECK(f.take("bob@example.com").empty());
}

}  // namespace user_flows_test
