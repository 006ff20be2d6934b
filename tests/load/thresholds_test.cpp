#include "thresholds.hpp"

#include <doctest.h>

#include <memory>

namespace thresholds_test {

using namespace phyllo::load;
using namespace std::chrono_literals;

TEST_CASE("times are read with their units") {
  CHECK(parse_duration("250us").value() == 250us);
  CHECK(parse_duration("1.5ms").value() == 1500us);
  CHECK(parse_duration("2s").value() == 2s);
  CHECK(parse_duration("1m").value() == 60s);
  for (const auto* text : {"", "5", "ms", "-1s", "1h", "1 s", "nans", "1e300s"}) CHECK_FALSE(parse_duration(text));
}

TEST_CASE("shares are read as percentages and as fractions") {
  CHECK(parse_share("0.1%").value() == doctest::Approx(0.001));
  CHECK(parse_share("0.05").value() == doctest::Approx(0.05));
  for (const auto* text : {"", "%", "101%", "2", "x%", "-1%"}) CHECK_FALSE(parse_share(text));
}

TEST_CASE("a limit holds up to its time, and is broken above") {
  const auto h = std::make_unique<histogram>();
  for (int i = 1; i <= 100; ++i) h->record(i * 1ms);
  CHECK(latency_limit::parse("p50=50.1ms")->holds(*h));
  CHECK_FALSE(latency_limit::parse("p50=49.9ms")->holds(*h));
  CHECK(latency_limit::parse("max=101ms")->holds(*h));
  CHECK_FALSE(latency_limit::parse("max=99ms")->holds(*h));
  CHECK(latency_limit::parse("mean=51ms")->holds(*h));
  CHECK_FALSE(latency_limit::parse("mean=50ms")->holds(*h));
}

TEST_CASE("what is no limit is refused with what one is") {
  for (const auto* text : {"p99", "p101=1s", "q99=1s", "=1s", "p99=fast"}) {
    const auto l = latency_limit::parse(text);
    REQUIRE_FALSE(l);
    CHECK(l.error().detail().find("write it as") != std::string::npos);
  }
}

}  // namespace thresholds_test
