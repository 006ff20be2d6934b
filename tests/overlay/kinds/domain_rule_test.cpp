#include "kinds/domain_rule.hpp"

#include <doctest.h>

namespace domain_rule_test {

using namespace phyllo;
using overlay::domain_rule;

TEST_CASE("where restrictions are enabled a domain is admitted that a pattern matches whole, whatever its case") {
  const domain_rule patterns({true, {"dht\\.example\\.com", ".*\\.my\\.example", "("}}, "overlay.example.com");
  for (const auto* good : {"dht.example.com", "DHT.Example.Com", "a.my.example", "b.c.my.example"})
    CHECK_MESSAGE(patterns.admits(good), good);
  for (const auto* bad :
       {"my.example", "dhtxexample.com", "dht.example.com.evil.example", "evil.dht.example.com", "overlay.example.com", "", "("})
    CHECK_FALSE_MESSAGE(patterns.admits(bad), bad);
}

TEST_CASE("of alternatives the longest counts") {
  const domain_rule r({true, {"a|a\\.example"}}, "overlay.example.com");
  CHECK(r.admits("a"));
  CHECK(r.admits("a.example"));
  CHECK_FALSE(r.admits("a.exampl"));
}

TEST_CASE("where restrictions are not enabled only the overlay's own domain is admitted, and where there are no patterns none") {
  const domain_rule own({false, {".*"}}, "overlay.example.com");
  CHECK(own.admits("overlay.example.com"));
  CHECK_FALSE(own.admits("example.com"));
  const domain_rule none({true, {}}, "overlay.example.com");
  CHECK_FALSE(none.admits("overlay.example.com"));
}

TEST_CASE("equal rules of several documents are kept once, where they are") {
  overlay::domain_rules rules;
  const auto& first = rules.keep({true, {"a"}}, "one.example");
  CHECK(first.is({true, {"a"}}, "one.example"));
  CHECK_FALSE(first.is({false, {"a"}}, "one.example"));
  const auto& others = rules.keep({true, {"a"}}, "two.example");
  CHECK(&others != &first);
  CHECK(&rules.keep({true, {"b"}}, "one.example") != &first);
  for (int i = 0; i < 50; ++i) (void)rules.keep({true, {std::to_string(i)}}, "one.example");
  CHECK(&rules.keep({true, {"a"}}, "one.example") == &first);
  CHECK(first.admits("a"));
}

}  // namespace domain_rule_test
