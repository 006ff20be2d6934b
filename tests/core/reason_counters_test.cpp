#include "phyllo/core/reason_counters.hpp"

#include <doctest.h>

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "counted_news.hpp"
#include "phyllo/core/metrics.hpp"

namespace reason_counters_test {

using namespace phyllo;
using core::counter;
using core::metrics;
using core::reason_counters;

TEST_CASE("a drop after the first of its reason asks for no memory, and all are counted") {
  metrics m;
  m.drop("sip_source_rate");
  m.drop("sip_a_reason_that_is_too_long_for_a_small_string");
  const auto before = testing::news();
  for (int i = 0; i < 1000; ++i) m.drop("sip_source_rate");
  for (int i = 0; i < 10; ++i) m.drop("sip_a_reason_that_is_too_long_for_a_small_string");
  CHECK(testing::news() == before);
  const auto text = m.text();
  CHECK(text.find("phyllo_dropped_total{reason=\"sip_source_rate\"} 1001\n") != std::string::npos);
  CHECK(text.find("phyllo_dropped_total{reason=\"sip_a_reason_that_is_too_long_for_a_small_string\"} 11\n") != std::string::npos);
}

TEST_CASE("the test's own count of memory sees what a first drop takes") {
  metrics m;
  const auto before = testing::news();
  m.drop("noise");
  CHECK(testing::news() > before);
}

TEST_CASE("a reason that was declared at zero goes on from there") {
  metrics m;
  auto& declared = m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", "noise"}});
  m.drop("noise");
  m.drop("noise");
  CHECK(declared.value() == 2);
  CHECK(m.drops() == std::map<std::string, std::uint64_t>{{"noise", 2}});
}

TEST_CASE("a reason is found whatever stands at its place, and one that was not kept is not") {
  reason_counters known;
  std::deque<counter> counters;
  const auto reason = [](std::size_t i) { return "reason_" + std::to_string(i); };
  for (std::size_t i = 0; i < reason_counters::reasons_max; ++i) {
    CHECK(known.find(reason(i)) == nullptr);
    known.keep(reason(i), counters.emplace_back());
  }
  for (std::size_t i = 0; i < reason_counters::reasons_max; ++i) CHECK(known.find(reason(i)) == &counters[i]);
  CHECK(known.find("") == nullptr);
}

TEST_CASE("a reason is kept once, and none beyond the bound") {
  reason_counters known;
  counter first, second;
  known.keep("noise", first);
  known.keep("noise", second);
  CHECK(known.find("noise") == &first);
  for (std::size_t i = 1; i < reason_counters::reasons_max; ++i) known.keep(std::to_string(i), second);
  known.keep("one too many", second);
  CHECK(known.find("one too many") == nullptr);
}

TEST_CASE("beyond the bound of reasons drops are counted all the same") {
  metrics m;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i <= reason_counters::reasons_max; ++i) m.drop(std::to_string(i));
  }
  const auto drops = m.drops();
  REQUIRE(drops.size() == reason_counters::reasons_max + 1);
  CHECK(drops.at(std::to_string(reason_counters::reasons_max)) == 2);
}

TEST_CASE("threads that drop for the same reasons at once lose none") {
  metrics m;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&m] {
      for (int i = 0; i < 1000; ++i) m.drop(std::to_string(i % 10));
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& [reason, n] : m.drops()) CHECK(n == 400);
  CHECK(m.drops().size() == 10);
}

}  // namespace reason_counters_test
