#include "phyllo/core/source_limit.hpp"

#include <doctest.h>

#include <string>

using namespace phyllo;
using core::source_limit;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};
asio::ip::address at(const std::string& text) { return asio::ip::make_address(text); }

int admitted(source_limit& l, const asio::ip::address& from, core::time_point now, int of) {
  int n = 0;
  for (int i = 0; i < of; ++i) n += l.admit(from, now) ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("a source may burst, and then send at its rate; others are not touched") {
  source_limit l({.per_second = 10, .burst = 20});
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 20);
  CHECK(admitted(l, at("192.0.2.1"), start + 1s, 100) == 10);
  CHECK(admitted(l, at("192.0.2.2"), start + 1s, 100) == 20);
  CHECK(admitted(l, at("192.0.2.1"), start + 1h, 100) == 20);
}

TEST_CASE("a new limit counts from now on, and takes from no source what it has below it") {
  source_limit l({.per_second = 10, .burst = 20});
  CHECK(admitted(l, at("192.0.2.1"), start, 15) == 15);
  l.limit(1, 3);
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 3);
  CHECK(admitted(l, at("192.0.2.1"), start + 2s, 100) == 2);
  CHECK(admitted(l, at("192.0.2.2"), start, 100) == 3);
  l.limit(100, 50);
  CHECK(admitted(l, at("192.0.2.2"), start + 1s, 100) == 50);
}

TEST_CASE("an IPv6 source is its /64") {
  source_limit l({.per_second = 1, .burst = 5});
  CHECK(admitted(l, at("2001:db8::1"), start, 3) == 3);
  CHECK(admitted(l, at("2001:db8::2"), start, 9) == 2);
  CHECK(admitted(l, at("2001:db8:0:1::1"), start, 9) == 5);
}

TEST_CASE("the table of sources is bounded, and still limits") {
  source_limit l({.per_second = 1, .burst = 2, .sources_max = 100});
  for (unsigned i = 0; i < 10'000; ++i) CHECK(l.admit(asio::ip::address_v4(0x0a000000U + i), start));
  CHECK(l.sources() <= 100);
  CHECK(admitted(l, at("192.0.2.1"), start, 50) == 2);
}
