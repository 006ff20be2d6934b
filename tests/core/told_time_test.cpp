#include "phyllo/core/told_time.hpp"

#include <doctest.h>

namespace told_time_test {

using namespace std::chrono_literals;
using phyllo::core::text_of_difference;
using phyllo::core::text_of_span;

TEST_CASE("how far two clocks are from each other is said in words") {
  CHECK(text_of_span(61s) == "61 s");
  CHECK(text_of_span(-20min - 3s) == "20 min 3 s");
  CHECK(text_of_span(2h + 5min) == "2 h 5 min");
  CHECK(text_of_difference(72h, "that of the server login.example.com") ==
        "the clock of this node is 72 h 0 min behind that of the server login.example.com");
  CHECK(text_of_difference(-61s, "another's") == "the clock of this node is 61 s ahead of another's");
}

}  // namespace told_time_test
