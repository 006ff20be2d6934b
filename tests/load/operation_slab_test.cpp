#include "operation_slab.hpp"

#include <doctest.h>

#include <string>

namespace operation_slab_test {

using namespace phyllo::load;

TEST_CASE("a key's text is read back, and other text is no key") {
  const operation_key k{0x12ab, 0xfffffffe};
  const auto text = k.text();
  CHECK(std::string_view(text.data(), text.size()) == "000012abfffffffe");
  operation_key back;
  REQUIRE(operation_key::read(std::string(text.data(), text.size()) + "-run", back));
  CHECK(back == k);
  for (const auto* bad : {"", "000012abffffff", "000012abfffffffg", "-00012abfffffffe"}) CHECK_FALSE(operation_key::read(bad, back));
}

TEST_CASE("a place that is used again does not know the key of its use before") {
  operation_slab<std::string> s(1);
  operation_key first, second, none;
  *s.make(first) = "one";
  CHECK(s.make(none) == nullptr);
  s.drop(first);
  CHECK(s.find(first) == nullptr);
  REQUIRE(s.make(second) != nullptr);
  CHECK(second.place == first.place);
  CHECK(s.find(first) == nullptr);
  CHECK(s.find(second) != nullptr);
  s.drop(first);  // of the use before: drops nothing
  CHECK(s.size() == 1);
}

TEST_CASE("all that are under way are seen, and may be dropped meanwhile") {
  operation_slab<operation_key> s(10);
  operation_key k;
  for (int i = 0; i < 5; ++i) {
    auto* one = s.make(k);
    *one = k;
  }
  s.drop(k);
  int seen = 0;
  s.each([&](operation_key& one) {
    ++seen;
    s.drop(one);
  });
  CHECK(seen == 4);
  CHECK(s.size() == 0);
}

}  // namespace operation_slab_test
