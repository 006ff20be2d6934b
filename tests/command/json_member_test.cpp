#include "command/json_member.hpp"

#include <doctest.h>

namespace json_member_test {

using nlohmann::json;
using phyllo::command::list_at;
using phyllo::command::number_at;
using phyllo::command::object_at;
using phyllo::command::real_at;
using phyllo::command::text_at;

TEST_CASE("a member is given if it is there and of its type, and else what stands for it") {
  const json j{{"text", "a"}, {"number", 7}, {"negative", -1}, {"list", {1, 2}}, {"object", {{"a", 1}}}, {"null", nullptr}};
  CHECK(text_at(j, "text") == "a");
  CHECK(list_at(j, "list").size() == 2);
  for (const auto* key : {"number", "list", "object", "null", "none"}) CHECK(text_at(j, key, "else") == "else");
  for (const auto* key : {"number", "text", "object", "null", "none"}) CHECK(list_at(j, key).empty());
}

TEST_CASE("an object, a whole number and any number are told apart") {
  const json j{{"text", "7"}, {"number", 7}, {"negative", -1}, {"real", 1.5}, {"huge", 18446744073709551615U}, {"object", {{"a", 1}}}};
  CHECK(object_at(j, "object") == json{{"a", 1}});
  for (const auto* key : {"text", "number", "none"}) CHECK_FALSE(object_at(j, key).has_value());
  CHECK(number_at(j, "number") == 7U);
  CHECK(number_at(json::parse("{\"n\":7}"), "n") == 7U);
  CHECK(number_at(j, "huge") == 18446744073709551615U);
  for (const auto* key : {"text", "negative", "real", "object", "none"}) CHECK_FALSE(number_at(j, key).has_value());
  CHECK(real_at(j, "real") == 1.5);
  CHECK(real_at(j, "negative") == -1);
  for (const auto* key : {"text", "object", "none"}) CHECK(real_at(j, key) == 0);
}

TEST_CASE("what is no object has no members, whatever it is") {
  for (const auto& j : {json(), json(5), json("text"), json::array({1}), json::parse("{", nullptr, false)}) {
    CHECK(text_at(j, "a").empty());
    CHECK(list_at(j, "a").empty());
    CHECK_FALSE(object_at(j, "a").has_value());
    CHECK_FALSE(number_at(j, "a").has_value());
    CHECK(real_at(j, "a") == 0);
  }
}

}  // namespace json_member_test
