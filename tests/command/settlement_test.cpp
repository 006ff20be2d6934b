#include "command/settlement.hpp"

#include <doctest.h>

#include "phyllo/node/errc.hpp"

namespace settlement_test {

using namespace phyllo;
using command::admin_answer;
using command::read_settlement;
using nlohmann::json;

TEST_CASE("what the overlay knows is told with how far it has come") {
  const auto s = read_settlement(admin_answer{200, {{"revocations", 7}, {"have", 3}, {"of", 4}}});
  CHECK(s.in_force);
  CHECK(s.text == "the overlay knows: revocation list 7, at 3 of 4 nodes beside the login server");
  CHECK_FALSE(s.why.has_value());
}

TEST_CASE("a login server that does not run is no error, and one that can not be asked is") {
  const auto none = read_settlement(core::fail(node::errc::no_running_node));
  CHECK_FALSE(none.in_force);
  CHECK_FALSE(none.why.has_value());
  CHECK(none.text.find("when it does") != std::string::npos);
  const auto refused = read_settlement(core::fail(node::errc::refused));
  CHECK_FALSE(refused.in_force);
  REQUIRE(refused.why.has_value());
  CHECK(*refused.why == node::errc::refused);
}

TEST_CASE("why the overlay does not know yet is told by its kind, and said once") {
  const auto late = read_settlement(admin_answer{504, json{{"message", make_error_code(node::errc::timed_out).message() + ": 1 of 4"}}});
  CHECK_FALSE(late.in_force);
  REQUIRE(late.why.has_value());
  CHECK(*late.why == node::errc::timed_out);
  CHECK(late.text == "1 of 4");
  const auto refused = read_settlement(admin_answer{409, json{{"message", "no list"}}});
  REQUIRE(refused.why.has_value());
  CHECK(*refused.why == node::errc::refused);
  CHECK(refused.text == "no list");
}

TEST_CASE("an answer whose members are of other types is read as far as it can be") {
  const auto odd = read_settlement(admin_answer{200, {{"revocations", "seven"}, {"have", -3}, {"of", nullptr}}});
  CHECK(odd.in_force);
  CHECK(odd.text == "the overlay knows: revocation list 0, at 0 of 0 nodes beside the login server");
  for (const auto& body : {json(), json(5), json("text"), json::array({1})}) {
    CHECK(read_settlement(admin_answer{200, body}).in_force);
    const auto s = read_settlement(admin_answer{504, body});
    CHECK(s.text.empty());
    CHECK(*s.why == node::errc::timed_out);
  }
}

}  // namespace settlement_test
