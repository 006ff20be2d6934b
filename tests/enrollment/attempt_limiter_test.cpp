#include "../../src/enrollment/attempt_limiter.hpp"

#include <doctest.h>

#include "../../src/enrollment/login_place.hpp"

namespace attempt_limiter_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};
constexpr core::hash_key key{1, 2};
std::uint64_t at(const std::string& text) { return login_place::of(asio::ip::make_address(text)).host; }

}  // namespace

TEST_CASE("an address has so many attempts a minute, and others have theirs") {
  attempt_limiter l(2, key);
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK_FALSE(l.begin(at("192.0.2.1"), start + 59s));
  CHECK(l.begin(at("192.0.2.2"), start + 59s));
  CHECK(l.begin(at("192.0.2.1"), start + 60s));
}

TEST_CASE("a new limit counts at once, also in a minute that runs") {
  attempt_limiter l(2, key);
  CHECK(l.begin(at("192.0.2.1"), start));
  l.limit(1);
  CHECK_FALSE(l.begin(at("192.0.2.1"), start));
  l.limit(2);
  CHECK(l.begin(at("192.0.2.1"), start));
}

TEST_CASE("a success is forgiven, a failure is not") {
  attempt_limiter l(1, key);
  for (int i = 0; i < 10; ++i) {
    CHECK(l.begin(at("192.0.2.1"), start));
    l.forgive(at("192.0.2.1"));
  }
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK_FALSE(l.begin(at("192.0.2.1"), start));
}

TEST_CASE("what is remembered is bounded: the longest unused makes room") {
  attempt_limiter l(1, key);
  CHECK(l.begin(0, start));
  for (std::uint64_t i = 1; i <= attempt_limiter::hosts_max; ++i) CHECK(l.begin(i, start));
  CHECK(l.size() == attempt_limiter::hosts_max);
  CHECK_FALSE(l.begin(attempt_limiter::hosts_max, start));
  CHECK(l.begin(0, start));
}

}  // namespace attempt_limiter_test
