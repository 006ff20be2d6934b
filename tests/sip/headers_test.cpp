#include "sip/headers.hpp"

#include <doctest.h>

#include <utility>

namespace headers_test {

using namespace phyllo::sip;

TEST_CASE("every method has its name, which is written in capitals") {
  for (auto i = std::to_underlying(method::invite); i <= std::to_underlying(method::publish); ++i) {
    const auto m = static_cast<method>(i);
    CHECK_FALSE(name_of(m).empty());
    CHECK(method_of(name_of(m)) == m);
  }
  CHECK(name_of(method::register_) == "REGISTER");
  CHECK(name_of(method::publish) == "PUBLISH");
  CHECK(name_of(method::other).empty());
  for (const auto* text : {"", "Invite", "INVITE ", "INVIT", "UNHEARD"}) CHECK_MESSAGE(method_of(text) == method::other, std::string(text));
}

TEST_CASE("the magic cookie begins a branch and has something after it") {
  const auto has = [](std::string_view branch) {
    via v;
    v.branch = branch;
    return v.has_magic_cookie();
  };
  CHECK(has("z9hG4bKa"));
  CHECK(has("Z9HG4BKa"));  // s.7.3.1: without case
  CHECK_FALSE(has("z9hG4bK"));
  CHECK_FALSE(has("az9hG4bK"));
  CHECK_FALSE(has("1"));
  CHECK_FALSE(has(""));
}

TEST_CASE("credentials lose their quotes and the marks of quoted pairs, once") {
  credentials c;
  c.parameters = {{"username", R"("bo\"b\\")"}, {"nc", "00000001"}, {"empty", R"("")"}, {"open", R"(")"}, {"nc", "2"}, {"odd", R"("a\")"}};
  CHECK(c.get("USERNAME") == R"(bo"b\)");
  CHECK(c.get("nc") == "00000001");  // the first of two
  CHECK(c.get("empty") == "");
  CHECK(c.get("open") == R"(")");
  CHECK(c.get("odd") == R"(a\)");
  CHECK_FALSE(c.get("realm").has_value());
}

}  // namespace headers_test
