#include "phyllo/core/time.hpp"

#include <doctest.h>

namespace time_test {

using namespace phyllo;

TEST_CASE("a wall time is written in milliseconds and read from them") {
  for (const std::uint64_t ms : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1'767'225'600'123}, std::uint64_t{4'102'444'800'000}}) {
    CHECK(core::unix_milliseconds(core::from_unix_milliseconds(ms)) == ms);
  }
  CHECK(core::unix_milliseconds(core::wall_time() + std::chrono::microseconds(1'999)) == 1);
}

TEST_CASE("a time is printed as RFC 3339 has it, in UTC and with three decimals") {
  CHECK(core::to_iso8601(core::from_unix_milliseconds(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(core::to_iso8601(core::from_unix_milliseconds(1'767'323'045'678)) == "2026-01-02T03:04:05.678Z");
  CHECK(core::to_iso8601(core::from_unix_milliseconds(1'709'208'000'007)) == "2024-02-29T12:00:00.007Z");
  CHECK(core::to_iso8601(core::from_unix_milliseconds(1'735'689'599'999)) == "2024-12-31T23:59:59.999Z");
}

}  // namespace time_test
