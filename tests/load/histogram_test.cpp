#include "histogram.hpp"

#include <doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <sstream>
#include <vector>

namespace histogram_test {

using namespace phyllo::load;
using namespace std::chrono_literals;

namespace {

// The same percentile from the raw log: the least value that so many do not exceed.
std::uint64_t percentile_of(std::vector<std::uint64_t> log, double percent) {
  std::ranges::sort(log);
  const auto wanted = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(log.size())));
  return log[std::max<std::size_t>(wanted, 1) - 1];
}

}  // namespace

TEST_CASE("every percentile is that of the raw log, to a thousandth") {
  std::mt19937_64 dice(7);
  std::lognormal_distribution<double> latency(6, 2.5);
  const auto h = std::make_unique<histogram>();
  std::vector<std::uint64_t> log;
  for (int i = 0; i < 200'000; ++i) {
    log.push_back(static_cast<std::uint64_t>(latency(dice)));
    h->record(std::chrono::microseconds(log.back()));
  }
  for (const double percent : {0.1, 1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto exact = percentile_of(log, percent);
    const auto told = h->percentile_us(percent);
    CAPTURE(percent);
    CHECK(told >= exact);
    CHECK(static_cast<double>(told - exact) <= static_cast<double>(exact) / 1000);
  }
  CHECK(h->max_us() == percentile_of(log, 100));
  CHECK(h->count() == log.size());
}

TEST_CASE("a bucket holds the values up to its highest, and no other") {
  for (std::uint64_t v : {0ULL, 1ULL, 2047ULL, 2048ULL, 2049ULL, 4095ULL, 4096ULL, 123'456'789ULL, 68'719'476'735ULL}) {
    const auto b = histogram::bucket_of(v);
    CAPTURE(v);
    CHECK(histogram::highest_of(b) >= v);
    if (b > 0) CHECK(histogram::highest_of(b - 1) < v);
  }
}

TEST_CASE("what is longer than can be told counts as the longest") {
  const auto h = std::make_unique<histogram>();
  h->record(1'000'000h);
  CHECK(h->count() == 1);
  CHECK(h->percentile_us(50) == histogram::highest);
}

TEST_CASE("two histograms merged are as one that heard all") {
  const auto a = std::make_unique<histogram>(), b = std::make_unique<histogram>(), all = std::make_unique<histogram>();
  for (int i = 1; i <= 1000; ++i) {
    const auto d = std::chrono::microseconds(i * i);
    (i % 3 == 0 ? a : b)->record(d);
    all->record(d);
  }
  a->merge(*b);
  for (const double percent : {1.0, 50.0, 99.0}) CHECK(a->percentile_us(percent) == all->percentile_us(percent));
  CHECK(a->mean_us() == all->mean_us());
}

TEST_CASE("the printed percentiles end with all values") {
  const auto h = std::make_unique<histogram>();
  for (int i = 0; i < 4; ++i) h->record(1ms * (i + 1));
  std::ostringstream out;
  h->print_percentiles(out);
  CHECK(out.str().find("       2.000 0.500000000000          2           2.00\n") != std::string::npos);
  CHECK(out.str().find("1.000000000000          4\n") != std::string::npos);
  CHECK(out.str().find("Total count    = 4]") != std::string::npos);
}

}  // namespace histogram_test
