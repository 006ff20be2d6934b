#include "report.hpp"

#include <doctest.h>

#include <memory>

namespace report_test {

using namespace phyllo::load;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<outcome> some_outcome() {
  auto o = std::make_unique<outcome>();
  o->rate = 100;
  o->seconds = 2;
  o->cpu_s = 0.5;
  o->total = tally({"set-up"});
  o->total.started = 200;
  o->total.succeeded = 198;
  o->total.fail("486", 2);
  for (int i = 0; i < 198; ++i) o->total.whole.record(10ms);
  o->rows = {{0, 100, 99, 1, 10'000, 10'000}};
  return o;
}

options some_options() {
  options o;
  o.command = "sip-call";
  o.load.seed = 42;
  return o;
}

}  // namespace

TEST_CASE("the JSON says what was asked, what came of it, and with which seed and version") {
  const auto j = json_of(some_options(), *some_outcome());
  CHECK(j["seed"] == 42);
  CHECK(j["version"].is_string());
  CHECK(j["operations"]["succeeded"] == 198);
  CHECK(j["failures"]["486"] == 2);
  CHECK(j["done_per_second"] == doctest::Approx(99));
  CHECK(j["latency"]["whole"]["p99_us"] == 10'000);
  CHECK(j["latency"].contains("set-up"));
  CHECK(j["generator"]["done_per_cpu_s"] == doctest::Approx(396));
}

TEST_CASE("limits that are broken are told with the value, and those that hold are not") {
  auto l = some_options().load;
  l.limits = {*latency_limit::parse("p99=50ms"), *latency_limit::parse("mean=5ms")};
  l.failed_most = 0.001;
  const auto broken = broken_limits(*some_outcome(), l);
  REQUIRE(broken.size() == 2);
  CHECK(broken[0].text == "mean is 10.000 ms, more than 5 ms");
  CHECK(broken[1].text == "1.0000 % failed, more than 0.1 %");
}

TEST_CASE("a run in which nothing was done holds no limit") {
  const auto nothing = std::make_unique<outcome>();
  CHECK(broken_limits(*nothing, some_options().load).size() == 1);
}

TEST_CASE("a program that began too late says so") {
  const auto o = some_outcome();
  CHECK_FALSE(fell_behind(*o));
  CHECK(table_of(some_options(), *o).find("note:") == std::string::npos);
  for (int i = 0; i < 100; ++i) o->total.behind.record(30ms);
  CHECK(fell_behind(*o));
  CHECK(table_of(some_options(), *o).find("note: this program began") != std::string::npos);
}

TEST_CASE("the CSV has a line for each second") {
  CHECK(csv_of(*some_outcome()) == "second,started,succeeded,failed,p50_us,p99_us\n0,100,99,1,10000,10000\n");
}

}  // namespace report_test
