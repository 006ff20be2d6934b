#include "assembly/server_clock.hpp"

#include <doctest.h>

namespace server_clock_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::told_time told(core::duration shows) { return {"login.example.com", shows, {}}; }

}  // namespace

TEST_CASE("a clock that differs by a minute from a server's is as right as the overlay asks for") {
  CHECK(node::text_of_wrong_clock(told(1h), 1h).empty());
  CHECK(node::text_of_wrong_clock(told(1h + 60s), 1h).empty());
  CHECK(node::text_of_wrong_clock(told(1h), 1h + 60s).empty());
}

TEST_CASE("a clock that differs by more is told with the server that says so, and by how much") {
  CHECK(node::text_of_wrong_clock(told(1h + 61s), 1h) == core::text_of_difference(61s, "that of the server login.example.com"));
  CHECK(node::text_of_wrong_clock(told(1h), 1h + 61s) == core::text_of_difference(-61s, "that of the server login.example.com"));
}

}  // namespace server_clock_test
