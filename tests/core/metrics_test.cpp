#include "phyllo/core/metrics.hpp"

#include <doctest.h>

using namespace phyllo::core;

TEST_CASE("a counter exists at zero before its first use") {
  metrics m;
  m.get_counter("phyllo_calls_total", "Calls.");
  CHECK(m.text() == "# HELP phyllo_calls_total Calls.\n# TYPE phyllo_calls_total counter\nphyllo_calls_total 0\n");
}

TEST_CASE("drops are counted by reason") {
  metrics m;
  m.drop("noise");
  m.drop("noise");
  m.drop("expired");
  CHECK(m.drops() == std::map<std::string, std::uint64_t>{{"expired", 1}, {"noise", 2}});
  CHECK(m.text().find("phyllo_dropped_total{reason=\"noise\"} 2") != std::string::npos);
}

TEST_CASE("a histogram's buckets are cumulative") {
  metrics m;
  auto& h = m.get_histogram("h", "H.", {1, 2});
  for (const double v : {0.5, 1.0, 1.5, 9.0}) h.observe(v);
  const auto text = m.text();
  CHECK(text.find("h_bucket{le=\"1\"} 2") != std::string::npos);
  CHECK(text.find("h_bucket{le=\"2\"} 3") != std::string::npos);
  CHECK(text.find("h_bucket{le=\"+Inf\"} 4") != std::string::npos);
  CHECK(text.find("h_count 4") != std::string::npos);
}
