#include "phyllo/core/slab.hpp"

#include <doctest.h>

#include <map>
#include <random>
#include <string>

namespace slab_test {

using phyllo::core::slab;

TEST_CASE("a value is found by its number until it is erased, and stays where it is") {
  slab<std::string> s;
  const auto a = s.add("a");
  auto* there = s.find(a);
  for (int i = 0; i < 1000; ++i) (void)s.add(std::to_string(i));
  CHECK(s.find(a) == there);
  CHECK(s.at(a) == "a");
  CHECK(s.size() == 1001);
  s.erase(a);
  CHECK(s.find(a) == nullptr);
  CHECK(s.find(4'000'000) == nullptr);
  CHECK(s.size() == 1000);
}

TEST_CASE("whatever comes and goes, it holds what a map holds") {
  std::mt19937 random(7);
  slab<std::string> s;
  std::map<std::uint32_t, std::string> expected;
  for (int i = 0; i < 20'000; ++i) {
    // Waves: blocks are filled and emptied.
    const bool add = expected.empty() || random() % 100 < (i / 2000 % 2 == 0 ? 80U : 20U);
    if (add) {
      const auto text = "a value that has no room in a string itself " + std::to_string(i);
      const auto number = s.add(text);
      CHECK(expected.emplace(number, text).second);
    } else {
      auto some = expected.lower_bound(static_cast<std::uint32_t>(random() % (expected.rbegin()->first + 1)));
      s.erase(some->first);
      CHECK(s.find(some->first) == nullptr);
      expected.erase(some);
    }
    REQUIRE(s.size() == expected.size());
  }
  for (const auto& [number, text] : expected) CHECK(s.at(number) == text);
}

}  // namespace slab_test
