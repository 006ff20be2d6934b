#include "chord/finger_search.hpp"

#include <doctest.h>

#include <map>

#include "support/chord_ids.hpp"

namespace finger_search_test {

using namespace phyllo::testing;
using namespace phyllo::overlay;

TEST_CASE("earlier fingers are chosen more often, each twice as often as the next") {
  chord_random random(7);
  std::map<unsigned, unsigned> chosen;
  for (int i = 0; i < 8000; ++i) ++chosen[finger_search::choose({2, 5, 9}, random).value_or(0)];
  CHECK(chosen[2] > 3700);
  CHECK(chosen[2] < 4300);
  CHECK(chosen[5] > 1700);
  CHECK(chosen[5] < 2300);
  CHECK(chosen[9] > 800);
  CHECK(chosen[9] < 1200);
  CHECK_FALSE(finger_search::choose({}, random).has_value());
}

TEST_CASE("the last peer that was named for a missing finger is tried once") {
  finger_table t(place(0));
  finger_search s;
  s.flag(t, place(0x80));
  s.flag(t, place(0x90));
  CHECK(s.take(1) == place(0x90));
  CHECK_FALSE(s.take(1).has_value());
  s.flag(t, place(0xa0));
  s.forget(place(0xa0));
  CHECK_FALSE(s.take(1).has_value());
  t.insert(place(0xb0));
  s.flag(t, place(0xc0));
  CHECK_FALSE(s.take(1).has_value());
}

}  // namespace finger_search_test
