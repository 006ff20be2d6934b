#include "../../src/enrollment/attempt_limiter.hpp"

#include <doctest.h>

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};
asio::ip::address at(const std::string& text) { return asio::ip::make_address(text); }

}  // namespace

TEST_CASE("an address has so many attempts a minute, and others have theirs") {
  attempt_limiter l(2);
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK_FALSE(l.begin(at("192.0.2.1"), start + 59s));
  CHECK(l.begin(at("192.0.2.2"), start + 59s));
  CHECK(l.begin(at("192.0.2.1"), start + 60s));
}

TEST_CASE("a new limit counts at once, also in a minute that runs") {
  attempt_limiter l(2);
  CHECK(l.begin(at("192.0.2.1"), start));
  l.limit(1);
  CHECK_FALSE(l.begin(at("192.0.2.1"), start));
  l.limit(2);
  CHECK(l.begin(at("192.0.2.1"), start));
}

TEST_CASE("a success is forgiven, a failure is not") {
  attempt_limiter l(1);
  for (int i = 0; i < 10; ++i) {
    CHECK(l.begin(at("192.0.2.1"), start));
    l.forgive(at("192.0.2.1"));
  }
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK_FALSE(l.begin(at("192.0.2.1"), start));
}

TEST_CASE("IPv6 counts by /64, and a mapped address as its IPv4") {
  attempt_limiter l(1);
  CHECK(l.begin(at("2001:db8::1"), start));
  CHECK_FALSE(l.begin(at("2001:db8::2"), start));
  CHECK(l.begin(at("2001:db8:0:1::1"), start));
  CHECK(l.begin(at("192.0.2.1"), start));
  CHECK_FALSE(l.begin(at("::ffff:192.0.2.1"), start));
}

TEST_CASE("what is remembered is bounded and forgotten after its minute") {
  attempt_limiter l(1);
  for (std::uint32_t i = 0; i < attempt_limiter::addresses_max + 10; ++i) CHECK(l.begin(asio::ip::address_v4(i), start));
  CHECK(l.size() == attempt_limiter::addresses_max);
  CHECK(l.begin(at("192.0.2.1"), start + 60s));
  CHECK(l.size() == 1);
}
