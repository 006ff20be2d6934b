#include "sip/dialog_count.hpp"

#include <doctest.h>

#include <string>

namespace dialog_count_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {
const core::time_point start{1h};
const core::hash_key hash{.first = 1, .second = 2};
}  // namespace

TEST_CASE("a call counts once from its answer to its BYE, whoever hangs up") {
  dialog_count d(hash);
  d.answered("c", "a", "b", start);
  d.answered("c", "a", "b", start + 1s);
  CHECK(d.size() == 1);
  d.answered("c", "a", "b2", start);
  CHECK(d.size() == 2);
  d.ended("c", "b", "a");
  CHECK(d.size() == 1);
  d.ended("c", "b", "a");
  CHECK(d.size() == 1);
}

TEST_CASE("calls without BYE are forgotten by age and by number") {
  dialog_count d(hash, 3, 1h);
  for (int i = 0; i < 10; ++i) d.answered("c" + std::to_string(i), "a", "b", start + i * 1s);
  CHECK(d.size() == 3);
  d.answered("new", "a", "b", start + 2h);
  CHECK(d.size() == 1);
}

}  // namespace dialog_count_test
