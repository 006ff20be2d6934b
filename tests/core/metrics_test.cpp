#include "phyllo/core/metrics.hpp"

#include <doctest.h>

namespace metrics_test {

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

TEST_CASE("several registries print a family once, each line with its registry's labels") {
  metrics a(metrics::labels{{"overlay", "a.example"}});
  metrics b(metrics::labels{{"overlay", "b.example"}});
  metrics plain;
  a.drop("full");
  b.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", "full"}}).add(2);
  b.get_histogram("h", "help", {1}).observe(0.5);
  plain.get_gauge("g", "help").set(3);
  const auto text = metrics::text_of({&plain, &a, &b});
  CHECK(text ==
        "# HELP g help\n# TYPE g gauge\ng 3\n"
        "# HELP h help\n# TYPE h histogram\nh_bucket{le=\"1\",overlay=\"b.example\"} 1\nh_bucket{le=\"+Inf\",overlay=\"b.example\"} 1\n"
        "h_sum{overlay=\"b.example\"} 0.5\nh_count{overlay=\"b.example\"} 1\n"
        "# HELP phyllo_dropped_total What was dropped, by reason.\n# TYPE phyllo_dropped_total counter\n"
        "phyllo_dropped_total{overlay=\"a.example\",reason=\"full\"} 1\nphyllo_dropped_total{overlay=\"b.example\",reason=\"full\"} 2\n");
}

TEST_CASE("what several registries have counted adds up, label by label, histograms too") {
  metrics first(metrics::labels{{"overlay", "a"}});
  metrics second(metrics::labels{{"overlay", "a"}});
  first.get_counter("x_total", "X.", {{"by", "udp"}}).add(2);
  second.get_counter("x_total", "X.", {{"by", "udp"}}).add(3);
  second.get_counter("x_total", "X.", {{"by", "tcp"}}).add(1);
  first.get_gauge("g", "G.").set(1.5);
  second.get_gauge("g", "G.").set(2);
  first.get_histogram("h", "H.", {1, 2}).observe(0.5);
  second.get_histogram("h", "H.", {1, 2}).observe(1.5);
  second.drop("noise");
  const auto text = metrics::text_of_sums({{&first, &second}});
  for (const auto* line : {"x_total{by=\"udp\",overlay=\"a\"} 5\n", "x_total{by=\"tcp\",overlay=\"a\"} 1\n", "g{overlay=\"a\"} 3.5\n",
                           "h_bucket{le=\"1\",overlay=\"a\"} 1\n", "h_bucket{le=\"2\",overlay=\"a\"} 2\n", "h_sum{overlay=\"a\"} 2\n",
                           "h_count{overlay=\"a\"} 2\n", "phyllo_dropped_total{overlay=\"a\",reason=\"noise\"} 1\n"})
    CHECK_MESSAGE(text.find(line) != std::string::npos, line);
  CHECK(text.find("# TYPE x_total counter") == text.rfind("# TYPE x_total counter"));
}

}  // namespace metrics_test
