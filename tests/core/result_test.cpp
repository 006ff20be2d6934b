#include "phyllo/core/result.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/time.hpp"

namespace result_test {

using namespace phyllo::core;

TEST_CASE("an error prints its text and its detail") {
  const result<int> r = fail(errc::malformed, "line 3");
  REQUIRE_FALSE(r);
  CHECK(r.error() == errc::malformed);
  CHECK(r.error().message() == "malformed input: line 3");
  CHECK(r.error().at("ring.toml").message() == "malformed input: ring.toml: line 3");
}

TEST_CASE("every core error has a text of its own") {
  for (int i = 1; i <= 7; ++i) CHECK(make_error_code(static_cast<errc>(i)).message() != "unknown error");
  CHECK(make_error_code(static_cast<errc>(8)).message() == "unknown error");
}

TEST_CASE("times print as RFC 3339 and survive milliseconds") {
  const auto t = from_unix_milliseconds(1767225600123);
  CHECK(to_iso8601(t) == "2026-01-01T00:00:00.123Z");
  CHECK(unix_milliseconds(t) == 1767225600123);
}

}  // namespace result_test
