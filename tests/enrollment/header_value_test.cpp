#include "../../src/enrollment/header_value.hpp"

#include <doctest.h>

namespace header_value_test {

using phyllo::enrollment::header_value;

namespace {

std::string parameter(const std::string& text, const std::string& name) {
  const auto h = header_value::parse(text);
  REQUIRE_MESSAGE(h, text);
  const auto* found = h->parameter(name);
  return found == nullptr ? "(none)" : *found;
}

}  // namespace

TEST_CASE("a value is read without case, its parameters by their names without case, and their values as they are") {
  const auto h = header_value::parse(" Form-Data ; Name=\"CSR\";filename=My.csr ; x=\"a;b=\\\"c\\\\\"");
  REQUIRE(h);
  CHECK(h->value == "form-data");
  CHECK(h->parameters.size() == 3);
  CHECK(*h->parameter("name") == "CSR");
  CHECK(*h->parameter("filename") == "My.csr");
  CHECK(*h->parameter("x") == "a;b=\"c\\");
  CHECK(h->parameter("Name") == nullptr);
  CHECK(parameter("multipart/form-data", "boundary") == "(none)");
  CHECK(parameter("a;b=\"\"", "b").empty());
}

TEST_CASE("what two readers could understand differently is no value") {
  for (const auto* text : {"", " ", ";a=b", "a;", "a;b", "a;b=", "a;=c", "a;b=c;", "a;b=c;b=d", "a;b=c;B=d", "a b", "a;b = c", "a;b=c d",
                           "a;b=\"c", "a;b=\"c\\", "a;b=\"c\"d", "a,b", "\"a\"", "a;b=(c)"})
    CHECK_MESSAGE(!header_value::parse(text), std::string(text));
}

}  // namespace header_value_test
