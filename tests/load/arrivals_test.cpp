#include "arrivals.hpp"

#include <doctest.h>

namespace arrivals_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace std::chrono_literals;

namespace {

const core::time_point begin{1000s};

}  // namespace

TEST_CASE("the n-th begins n intervals after the first, however late the others began") {
  arrivals a({.rate = 300, .begin = begin});
  for (int i = 0; i < 300'000; ++i) a.take();
  CHECK(std::chrono::abs(*a.next() - (begin + 1000s)) < 1us);
}

TEST_CASE("as many begin as the time holds") {
  arrivals a({.rate = 100, .begin = begin, .end = begin + 2s});
  int n = 0;
  for (; a.next(); a.take()) ++n;
  CHECK(n == 200);
}

TEST_CASE("no more begin than were asked for") {
  arrivals a({.rate = 100, .begin = begin, .most = 7});
  int n = 0;
  for (; a.next(); a.take()) ++n;
  CHECK(n == 7);
}

TEST_CASE("Poisson arrivals have the rate as their mean, and a seed repeats them") {
  const arrivals::plan p{.rate = 1000, .begin = begin, .end = begin + 100s, .spaced = spacing::poisson, .seed = 5};
  arrivals a(p), again(p);
  int n = 0;
  double squares = 0;
  auto before = begin;
  for (; a.next(); a.take(), again.take()) {
    REQUIRE(a.next() == again.next());
    const auto gap = std::chrono::duration<double>(*a.next() - before).count() * 1000;
    squares += gap * gap;
    before = *a.next();
    ++n;
  }
  CHECK(n > 99'000);
  CHECK(n < 101'000);
  CHECK(squares / n == doctest::Approx(2).epsilon(0.05));  // of an exponential gap with mean 1
}

}  // namespace arrivals_test
