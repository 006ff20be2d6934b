#include "command/json_member.hpp"

#include <doctest.h>

namespace json_member_test {

using nlohmann::json;
using phyllo::command::list_at;
using phyllo::command::text_at;

TEST_CASE("a member is given if it is there and of its type, and else what stands for it") {
  const json j{{"text", "a"}, {"number", 7}, {"negative", -1}, {"list", {1, 2}}, {"object", {{"a", 1}}}, {"null", nullptr}};
  CHECK(text_at(j, "text") == "a");
  CHECK(list_at(j, "list").size() == 2);
  for (const auto* key : {"number", "list", "object", "null", "none"}) CHECK(text_at(j, key, "else") == "else");
  for (const auto* key : {"number", "text", "object", "null", "none"}) CHECK(list_at(j, key).empty());
}

TEST_CASE("what is no object has no members, whatever it is") {
  for (const auto& j : {json(), json(5), json("text"), json::array({1}), json::parse("{", nullptr, false)}) {
    CHECK(text_at(j, "a").empty());
    CHECK(list_at(j, "a").empty());
  }
}

}  // namespace json_member_test
